namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>
/// Names of components that the Collector's core and contrib distributions have, so that an operator who brings a
/// configuration along learns whether a component is missing here or a name is wrong.
/// </summary>
internal static class UpstreamComponents
{
    private static readonly HashSet<string> Receivers = Words(
        """
        active_directory_ds aerospike apache apachespark awscloudwatch awscontainerinsightreceiver awsecscontainermetrics
        awsfirehose awss3 awsxray azureblob azureeventhub azuremonitor carbon chrony cloudflare cloudfoundry collectd couchdb
        datadog docker_stats elasticsearch envoyals expvar faro filelog filestats flinkmetrics fluentforward github gitlab
        googlecloudmonitoring googlecloudpubsub googlecloudspanner haproxy hostmetrics httpcheck huaweicloudcesreceiver iis
        influxdb jaeger jmx journald k8s_cluster k8s_events k8slog k8sobjects kafka kafkametrics kubeletstats libhoney loki
        memcached mongodb mongodbatlas mysql namedpipe netflow nginx nop nsxt ntp opencensus oracledb osquery otelarrow otlp
        otlpjsonfile podman_stats postgresql prometheus prometheusremotewrite prometheus_simple pulsar purefa purefb rabbitmq
        receiver_creator redis riak saphana signalfx simpleprometheus skywalking snmp snowflake solace splunkenterprise
        splunk_hec sqlquery sqlserver sshcheck statsd stef syslog systemd tcpcheck tcplog tlscheck udplog vcenter vcr wavefront
        webhookevent windowseventlog windowsperfcounters windowsservice yanggrpc zipkin zookeeper
        """);

    private static readonly HashSet<string> Processors = Words(
        """
        attributes batch coralogix cumulativetodelta deltatocumulative deltatorate dnslookup filter geoip groupbyattrs
        groupbytrace interval isolationforest k8sattributes logdedup logstransform memory_limiter metricsgeneration
        metricstarttime metricstransform probabilistic_sampler queuebatch redaction remotetap resource resourcedetection
        schema span spanpruning sumologic tail_sampling transform unroll cardinalityguardian drain
        """);

    private static readonly HashSet<string> Exporters = Words(
        """
        alertmanager alibabacloud_logservice awscloudwatchlogs awsemf awskinesis awss3 awsxray azureblob azuredataexplorer
        azuremonitor bmchelix carbon cassandra clickhouse coralogix datadog dataset debug doris elasticsearch faro file
        googlecloud googlecloudpubsub googlecloudstorage googlemanagedprometheus honeycombmarker influxdb kafka loadbalancing
        logging logicmonitor logzio loki mezmo nop opensearch otelarrow otlp otlphttp otlp_grpc otlp_http prometheus
        prometheusremotewrite pulsar rabbitmq sapm sentry signalfx splunk_hec stef sumologic syslog tencentcloud_logservice
        tinybird zipkin
        """);

    private static readonly HashSet<string> Connectors = Words(
        """
        count datadog exceptions failover forward grafanacloud metricsaslogs otlpjson roundrobin routing servicegraph
        signaltometrics slowsql spanmetrics sum
        """);

    private static readonly HashSet<string> Extensions = Words(
        """
        ack asapclient avro_log_encoding aws_logs_encoding awscloudwatchmetricstreams_encoding awsproxy azure_auth azure_encoding
        basicauth bearertokenauth cfgarden_observer cgroup_runtime datadog db_storage docker_observer ecs_observer file_storage
        googleclientauth google_cloud_logentry_encoding headers_setter health_check healthcheckv2 host_observer http_forwarder
        jaeger_encoding jaegerremotesampling json_log_encoding k8s_leader_elector k8s_observer kafkatopics_observer
        memory_limiter oauth2client oidc opamp otlp_encoding pebble_tail_storage pprof redis_storage remotetap sigv4auth
        skywalking_encoding solarwindsapmsettings sumologic text_encoding zipkin_encoding zpages
        """);

    /// <summary>Whether the Collector has a component.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="type">The type's name.</param>
    public static bool Has(ComponentKind kind, string type) => (kind switch
    {
        ComponentKind.Receiver => Receivers,
        ComponentKind.Processor => Processors,
        ComponentKind.Exporter => Exporters,
        ComponentKind.Connector => Connectors,
        _ => Extensions,
    }).Contains(type);

    private static HashSet<string> Words(string words) =>
        new(words.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
}
