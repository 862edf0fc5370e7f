// Official clients of Consul's API, each of which says what it learns as lines of JSON:
//
//	plans COUNT URL TOKEN SERVICE     so many watch plans of one service
//	routes PREFIX URL TOKEN SERVICE   all services and keys below a prefix, as Fabio asks for them;
//	                                  it says what it has of one
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/consul/api"
	"github.com/hashicorp/consul/api/watch"
)

func main() {
	client, err := api.NewClient(&api.Config{Address: os.Args[3], Token: os.Args[4]})
	if err != nil {
		log.Fatal(err)
	}
	switch os.Args[1] {
	case "plans":
		count, _ := strconv.Atoi(os.Args[2])
		runPlans(client, os.Args[5], count)
	case "routes":
		runRoutes(client, os.Args[2], os.Args[5])
	}
}

func say(places []string, seen any) {
	if places == nil {
		places = []string{}
	}
	line, _ := json.Marshal(map[string]any{"places": places, "seen": seen})
	fmt.Println(string(line))
}

// After each change: what the plan that learned of it was told, and how many plans know the same.
func runPlans(client *api.Client, service string, count int) {
	var lock sync.Mutex
	known := make([]string, count)
	for at := range count {
		plan, err := watch.Parse(map[string]any{"type": "service", "service": service, "passingonly": true})
		if err != nil {
			log.Fatal(err)
		}
		plan.Handler = func(_ uint64, data any) {
			lock.Lock()
			defer lock.Unlock()
			var places []string
			for _, entry := range data.([]*api.ServiceEntry) {
				places = append(places, fmt.Sprintf("%s:%d", entry.Service.Address, entry.Service.Port))
			}
			slices.Sort(places)
			known[at] = strings.Join(places, " ")
			agreeing := 0
			for _, one := range known {
				if one == known[at] {
					agreeing++
				}
			}
			say(places, agreeing)
		}
		go func() { log.Fatal(plan.RunWithClientAndHclog(client, nil)) }()
	}
	select {}
}

// Fabio's requests: checks of all, then each service, and two keys beside.
func runRoutes(client *api.Client, prefix string, service string) {
	if _, err := client.Agent().Self(); err != nil {
		log.Fatal(err)
	}
	go watchKeys(func(query *api.QueryOptions) (*api.QueryMeta, error) {
		_, meta, err := client.KV().List(prefix+"/config", query)
		return meta, err
	})
	go watchKeys(func(query *api.QueryOptions) (*api.QueryMeta, error) {
		_, meta, err := client.KV().Get(prefix+"/noroute.html", query)
		return meta, err
	})
	var index uint64
	for {
		checks, meta, err := client.Health().State("any", consistent(index))
		if err != nil {
			pause(err)
			continue
		}
		places := placesOf(client, checks)[service]
		say(places, len(places))
		index = meta.LastIndex
	}
}

func watchKeys(ask func(*api.QueryOptions) (*api.QueryMeta, error)) {
	var index uint64
	for {
		meta, err := ask(consistent(index))
		if err != nil {
			pause(err)
			continue
		}
		index = meta.LastIndex
	}
}

func consistent(index uint64) *api.QueryOptions {
	return &api.QueryOptions{RequireConsistent: true, WaitIndex: index}
}

func pause(err error) {
	log.Print(err)
	time.Sleep(time.Second)
}

// Those whose check passes, by service: each service is one more request.
func placesOf(client *api.Client, checks api.HealthChecks) map[string][]string {
	passing := map[string]map[string]bool{}
	for _, check := range checks {
		if check.ServiceName == "" || check.Status != "passing" {
			continue
		}
		if passing[check.ServiceName] == nil {
			passing[check.ServiceName] = map[string]bool{}
		}
		passing[check.ServiceName][check.Node+"/"+check.ServiceID] = true
	}
	places := map[string][]string{}
	for name, ids := range passing {
		found, _, err := client.Catalog().Service(name, "", consistent(0))
		if err != nil {
			log.Print(err)
			continue
		}
		for _, one := range found {
			if ids[one.Node+"/"+one.ServiceID] {
				place := fmt.Sprintf("%s:%d", one.ServiceAddress, one.ServicePort)
				places[name] = append(places[name], place)
			}
		}
		slices.Sort(places[name])
	}
	return places
}
