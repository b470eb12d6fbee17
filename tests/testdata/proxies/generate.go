// Prints what Go's httpproxy package makes of NO_PROXY lists and of the variables' spellings, as the expectations of
// NoProxyListTests and EnvironmentProxyTests:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run generate.go > expected.tsv
package main

import (
	"fmt"
	"math/rand"
	"net/url"
	"os"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

var entries = []string{
	"*", "bank.example", ".bank.example", "*.bank.example", "BANK.example", "bank.example:8443", ".bank.example:443", "*.bank.example:80",
	"ledger.bank.example", "example", "k.example", "bank.example.", "ba_nk.example", "*bank.example", "b*.example", "localhost", "localhost:1",
	"10.0.0.0/8", "10.1.2.3", "10.1.2.3:8443", "10.1.2.3:443", "10.1.2.3/32", "10.1.2.200/24", "10.1.2.3/33", "10.1.2.3/", "10.1.2.3/08",
	"10.1.2", "010.1.2.3", "10.1.2.3/8:443", ".2.3", "0.0.0.0/0", "192.168.0.0/16", "172.16.0.0/12", "10.1.2.0/23",
	"fd00::/8", "fd00::1", "[fd00::1]", "[fd00::1]:8443", "[fd00::1]:443", "fd00::1:443", "FD00::1", "::/0", "::ffff:10.1.2.3", "::ffff:10.0.0.0/104",
	"::ffff:0.0.0.0/90", "[::1]", "127.0.0.0/8", ":80", ":", "[", "[]", "[]:80", ".", "..", "*.", "bank.example:", "bank..example", "a:b:c",
	"b\u00fccher.example", ".b\u00fccher.example", "xn--bcher-kva.example", "bank.example/path", "http://bank.example", "/8", "10.0.0.0/-1",
	"10.0.0.0/+8", "%", "fd00::1%eth0", "bank.example:http", "bank.example:08443",
}

var urls = []string{
	"http://bank.example", "https://bank.example", "https://bank.example:8443/v1/traces", "http://ledger.bank.example",
	"https://a.ledger.bank.example:443", "http://otherbank.example", "http://BANK.EXAMPLE", "http://bank.example.", "http://ba_nk.example",
	"http://localhost", "https://localhost:1", "http://sub.localhost", "http://127.0.0.1", "http://127.8.9.10:4318", "http://[::1]",
	"http://[::ffff:127.0.0.1]", "http://10.1.2.3", "https://10.1.2.3", "https://10.1.2.3:8443", "http://10.1.3.3", "http://11.1.2.3", "http://192.168.7.7",
	"http://172.31.255.255", "http://172.32.0.0", "http://[fd00::1]", "https://[fd00::1]:8443", "https://[fd00::1]", "http://[fe00::1]",
	"http://[::ffff:10.1.2.3]", "http://b\u00fccher.example", "http://www.b\u00fccher.example", "http://xn--bcher-kva.example", "http://example",
	"http://k.example:80",
}

func direct(list, target string) bool {
	parsed, err := url.Parse(target)
	if err != nil {
		panic(err)
	}
	config := httpproxy.Config{HTTPProxy: "http://proxy.example:1", HTTPSProxy: "http://proxy.example:1", NoProxy: list}
	proxy, err := config.ProxyFunc()(parsed)
	if err != nil {
		panic(err)
	}
	return proxy == nil
}

func main() {
	for _, entry := range entries {
		for _, target := range urls {
			fmt.Printf("list\t%s\t%s\t%t\n", entry, target, direct(entry, target))
		}
	}
	random := rand.New(rand.NewSource(17))
	for i := 0; i < 400; i++ {
		list := make([]string, 1+random.Intn(5))
		for j := range list {
			list[j] = entries[1+random.Intn(len(entries)-1)]
		}
		text := strings.Join(list, []string{",", ", ", ",,"}[random.Intn(3)])
		target := urls[random.Intn(len(urls))]
		fmt.Printf("list\t%s\t%s\t%t\n", text, target, direct(text, target))
	}
	names := []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"}
	values := [][]string{
		{"", "upper.example:1", "http://upper.example:1", "https://user:pa%20ss@upper.example"},
		{"", "lower.example:2", "socks5://lower.example:2"},
		{"", "http://upper.example:3"},
		{"", "lower.example:4"},
		{"", "bank.example"},
		{"", "10.0.0.0/8"},
	}
	for i := 0; i < 300; i++ {
		var set []string
		for j, name := range names {
			os.Unsetenv(name)
			if random.Intn(3) > 0 {
				value := values[j][random.Intn(len(values[j]))]
				os.Setenv(name, value)
				set = append(set, name+"="+value)
			}
		}
		target := []string{"http://bank.example", "https://bank.example", "http://10.1.2.3", "https://10.1.2.3", "http://elsewhere.example"}[random.Intn(5)]
		parsed, _ := url.Parse(target)
		proxy, err := httpproxy.FromEnvironment().ProxyFunc()(parsed)
		if err != nil {
			panic(err)
		}
		text := ""
		if proxy != nil {
			text = proxy.String()
		}
		fmt.Printf("env\t%s\t%s\t%s\n", strings.Join(set, " "), target, text)
	}
}
