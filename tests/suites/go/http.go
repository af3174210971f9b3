// A client and a server of HTTP/1.1 on net/http, beside rust/http.rs:
//
//	http get URL...    fetch each; status, how the body came, its length and hash
//	http post URL N    send the made body of N bytes in chunks, and compare what comes back
//	http many URL N    N fetches at a time, 200 in all, each on a connection of its own
//	http serve PORT    /chunked/N, /plain/N, /echo, until somebody gets /quit
package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The body of n bytes that servers make and tests expect.
func made(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(uint64(i) * 2654435761 >> 13)
	}
	return b
}

func fail(what ...any) {
	fmt.Fprintln(os.Stderr, append([]any{"http:"}, what...)...)
	os.Exit(1)
}

func show(path string, r *http.Response) {
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		fail(err)
	}
	h := fnv.New64a()
	h.Write(body)
	fmt.Printf("%s: %s %v\n  %d bytes %016x\n", path, r.Status, r.TransferEncoding, len(body), h.Sum64())
}

func get(urls []string) {
	client := &http.Client{Timeout: 60 * time.Second}
	for _, url := range urls {
		r, err := client.Get(url)
		if err != nil {
			fail(err)
		}
		show(r.Request.URL.Path, r)
	}
}

func post(url string, n int) {
	body := made(n)
	// a reader of no known length goes in chunks
	r, err := http.Post(url, "application/octet-stream", io.MultiReader(bytes.NewReader(body)))
	if err != nil {
		fail(err)
	}
	back, err := io.ReadAll(r.Body)
	r.Body.Close()
	fmt.Println("post:", r.Status, len(back), bytes.Equal(back, body), err)
}

func many(url string, n int) {
	var good, left atomic.Int64
	var wg sync.WaitGroup
	left.Store(200)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 60 * time.Second}
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for left.Add(-1) >= 0 {
				r, err := client.Get(url)
				if err != nil {
					fmt.Println(err)
					continue
				}
				b, err := io.ReadAll(r.Body)
				r.Body.Close()
				if err == nil && bytes.Equal(b, made(len(b))) && len(b) > 0 {
					good.Add(1)
				}
			}
		}()
	}
	wg.Wait()
	fmt.Println("many:", good.Load(), "good")
}

func number(r *http.Request) int {
	n, _ := strconv.Atoi(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
	return n
}

func serve(port string) {
	mux := http.NewServeMux()
	server := &http.Server{Handler: mux}
	mux.HandleFunc("/plain/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(number(r)))
		w.Write(made(number(r)))
	})
	mux.HandleFunc("/chunked/", func(w http.ResponseWriter, r *http.Request) {
		for b := made(number(r)); len(b) > 0; {
			n := min(len(b), 1000)
			w.Write(b[:n])
			w.(http.Flusher).Flush()
			b = b[n:]
		}
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	})
	mux.HandleFunc("/quit", func(w http.ResponseWriter, r *http.Request) {
		go server.Close()
	})
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		fail(err)
	}
	fmt.Println("serving")
	server.Serve(listener)
}

func main() {
	words := os.Args[1:]
	switch {
	case len(words) > 1 && words[0] == "get":
		get(words[1:])
	case len(words) == 3 && words[0] == "post":
		n, _ := strconv.Atoi(words[2])
		post(words[1], n)
	case len(words) == 3 && words[0] == "many":
		n, _ := strconv.Atoi(words[2])
		many(words[1], n)
	case len(words) == 2 && words[0] == "serve":
		serve(words[1])
	default:
		fail("get URL..., post URL N, many URL N, serve PORT")
	}
}
