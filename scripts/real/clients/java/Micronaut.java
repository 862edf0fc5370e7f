package rollcall;

import io.micronaut.context.ApplicationContext;
import io.micronaut.discovery.DiscoveryClient;
import io.micronaut.discovery.ServiceInstance;
import io.micronaut.discovery.consul.client.v1.ConsulClient;
import io.micronaut.discovery.eureka.client.v2.EurekaClient;
import io.micronaut.health.HealthStatus;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;

/** Asks by Micronaut each half second, and says as a line of JSON what it is told. */
public class Micronaut {
  public static void main(String[] args) throws Exception {
    URI url = URI.create(args[0]);
    boolean isEureka = !url.getPath().isEmpty();
    String prefix = isEureka ? "eureka.client." : "consul.client.";
    String zone = args[0].replace("//", "//rollcall:" + args[1] + "@");
    ApplicationContext context =
        ApplicationContext.run(
            isEureka
                ? Map.of(prefix + "default-zone", zone, prefix + "registration.enabled", false)
                : Map.of(
                    prefix + "host", url.getHost(),
                    prefix + "port", url.getPort(),
                    prefix + "asl-token", args[1],
                    prefix + "discovery.passing", true,
                    prefix + "registration.enabled", false));
    DiscoveryClient client =
        isEureka ? context.getBean(EurekaClient.class) : context.getBean(ConsulClient.class);
    for (; ; Thread.sleep(500)) say(Flux.from(client.getInstances(args[2])).blockFirst());
  }

  static void say(List<ServiceInstance> found) {
    List<String> places =
        found.stream()
            .filter(one -> one.getHealthStatus().equals(HealthStatus.UP))
            .map(one -> '"' + one.getHost() + ':' + one.getPort() + '"')
            .sorted()
            .collect(Collectors.toList());
    String seen =
        found.stream()
            .map(
                one ->
                    one.getURI() + " " + one.getHealthStatus().getName() + one.getMetadata().asMap())
            .sorted()
            .collect(Collectors.joining(" "));
    System.out.println("{\"places\":" + places + ",\"seen\":\"" + seen + "\"}");
  }
}
