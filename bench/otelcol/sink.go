// Command otlp-sink accepts every OTLP export and counts its items by walking the wire format, which costs far less
// than decoding: in a measurement it shares its processor with the load.
//
//	otlp-sink GRPC_ADDRESS HTTP_ADDRESS
//
// HTTP_ADDRESS takes POST /v1/traces, /v1/metrics and /v1/logs (protobuf, plain or gzip); GET / answers the counts as
// JSON: requests, spans, metric_points, log_records, bytes.
//
// The patterns with a method need Go 1.22's router, which a build without go.mod has to ask for.
//
//go:debug default=go1.25
package main

import (
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/mem"
)

type counters struct {
	requests, spans, metricPoints, logRecords, bytes atomic.Int64
}

var seen counters

// path has a level of nesting an entry: the fields to go into. Items are what the last level finds.
type path [][]uint64

var (
	// request > resource > scope > record
	records = path{{1}, {2}, {2}}
	// request > resource > scope > metric > gauge, sum, histogram, exponential histogram, summary > data point
	points = path{{1}, {2}, {2}, {5, 7, 9, 10, 11}, {1}}
)

// count returns how many fields the path leads to. Bytes that are no protobuf end the walk of their level.
func count(message []byte, levels path) (items int64) {
	for len(message) > 0 {
		tag, head := binary.Uvarint(message)
		if head <= 0 {
			return items
		}
		message = message[head:]
		size := 0
		switch tag & 7 {
		case 0:
			_, size = binary.Uvarint(message)
		case 1:
			size = 8
		case 2:
			length, prefix := binary.Uvarint(message)
			if prefix <= 0 || length > uint64(len(message)-prefix) {
				return items
			}
			size = prefix + int(length)
			for _, field := range levels[0] {
				if field != tag>>3 {
					continue
				}
				if len(levels) == 1 {
					items++
				} else {
					items += count(message[prefix:size], levels[1:])
				}
			}
		case 5:
			size = 4
		}
		if size <= 0 || size > len(message) {
			return items
		}
		message = message[size:]
	}
	return items
}

// account adds one request; its signal is in the name of the method or in the path.
func account(name string, request []byte) {
	name = strings.ToLower(name)
	seen.requests.Add(1)
	seen.bytes.Add(int64(len(request)))
	switch {
	case strings.Contains(name, "trace"):
		seen.spans.Add(count(request, records))
	case strings.Contains(name, "metrics"):
		seen.metricPoints.Add(count(request, points))
	case strings.Contains(name, "logs"):
		seen.logRecords.Add(count(request, records))
	}
}

// verbatim hands messages over as bytes; every answer is the empty message.
type verbatim struct{}

func (verbatim) Name() string                         { return "proto" }
func (verbatim) Marshal(any) (mem.BufferSlice, error) { return nil, nil }
func (verbatim) Unmarshal(data mem.BufferSlice, method any) error {
	buffer := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer buffer.Free()
	account(*method.(*string), buffer.ReadOnlyData())
	return nil
}

func export(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	if err := stream.RecvMsg(&method); err != nil {
		return err
	}
	return stream.SendMsg(nil)
}

func post(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unpacked
	}
	request, err := io.ReadAll(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	account(r.URL.Path, request)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func counts(w http.ResponseWriter, _ *http.Request) {
	_ = json.NewEncoder(w).Encode(map[string]int64{
		"requests": seen.requests.Load(), "bytes": seen.bytes.Load(), "spans": seen.spans.Load(),
		"metric_points": seen.metricPoints.Load(), "log_records": seen.logRecords.Load(),
	})
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: otlp-sink GRPC_ADDRESS HTTP_ADDRESS")
	}
	http.HandleFunc("POST /v1/", post)
	http.HandleFunc("GET /{$}", counts)
	go func() { log.Fatal(http.ListenAndServe(os.Args[2], nil)) }()
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(
		grpc.UnknownServiceHandler(export), grpc.ForceServerCodecV2(verbatim{}), grpc.MaxRecvMsgSize(1<<28),
		grpc.InitialWindowSize(1<<24), grpc.InitialConnWindowSize(1<<26))
	log.Fatal(server.Serve(listener))
}
