// Command otelcol is the OpenTelemetry Collector with the components that this project is compared with: what
// upstream's builder would generate for a trace pipeline.
//
// Without a go.mod Go assumes the runtime behaviour of version 1.20; upstream's releases ask for 1.25.
//
//go:debug default=go1.25
package main

import (
	"log"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/connector/forwardconnector"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/debugexporter"
	"go.opentelemetry.io/collector/exporter/nopexporter"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/zpagesextension"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"
	"go.opentelemetry.io/collector/processor/memorylimiterprocessor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
)

// Set by the build.
var version = "unknown"

// keyed indexes factories by their type; the list is ours, so a clash is a mistake here.
func keyed[F component.Factory](list ...F) map[component.Type]F {
	found, err := otelcol.MakeFactoryMap(list...)
	if err != nil {
		log.Fatal(err)
	}
	return found
}

func components() (otelcol.Factories, error) {
	return otelcol.Factories{
		Receivers:  keyed[receiver.Factory](otlpreceiver.NewFactory()),
		Processors: keyed[processor.Factory](memorylimiterprocessor.NewFactory(), batchprocessor.NewFactory()),
		Connectors: keyed[connector.Factory](forwardconnector.NewFactory()),
		Exporters: keyed[exporter.Factory](otlpexporter.NewFactory(), otlphttpexporter.NewFactory(),
			debugexporter.NewFactory(), nopexporter.NewFactory()),
		Extensions: keyed[extension.Factory](zpagesextension.NewFactory()),
		Telemetry:  otelconftelemetry.NewFactory(),
	}, nil
}

func main() {
	settings := otelcol.CollectorSettings{Factories: components}
	settings.BuildInfo = component.BuildInfo{Command: "otelcol", Description: "Collector to compare with", Version: version}
	settings.ConfigProviderSettings.ResolverSettings = confmap.ResolverSettings{
		DefaultScheme: "env",
		ProviderFactories: []confmap.ProviderFactory{
			fileprovider.NewFactory(), envprovider.NewFactory(), yamlprovider.NewFactory()},
	}
	if err := otelcol.NewCommand(settings).Execute(); err != nil {
		log.Fatal(err)
	}
}
