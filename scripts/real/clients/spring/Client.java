package rollcall;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestTemplate;

/** An application that finds others, by whichever discovery is on its class path, and says over HTTP what it found. */
@SpringBootApplication
@RestController
public class Client {
  private final DiscoveryClient discovery;
  private final RestTemplate balanced;

  @Bean
  @LoadBalanced
  static RestTemplate balanced() {
    return new RestTemplate();
  }

  Client(DiscoveryClient discovery, RestTemplate balanced) {
    this.discovery = discovery;
    this.balanced = balanced;
  }

  record Found(String id, URI uri, boolean secure, Map<String, String> metadata) {}

  @GetMapping("/services")
  List<String> services() {
    return discovery.getServices();
  }

  @GetMapping("/instances/{service}")
  List<Found> instances(@PathVariable String service) {
    return discovery.getInstances(service).stream()
        .map(one -> new Found(one.getInstanceId(), one.getUri(), one.isSecure(), one.getMetadata()))
        .toList();
  }

  /** What the instance answers that the load balancer chooses: the host in the address is a service's name. */
  @GetMapping("/ask")
  String ask(@RequestParam String url) {
    return balanced.getForObject(url, String.class);
  }

  public static void main(String[] args) {
    SpringApplication.run(Client.class, args);
  }
}
