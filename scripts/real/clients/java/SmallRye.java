package rollcall;

import io.smallrye.stork.Stork;
import io.smallrye.stork.api.Service;
import io.smallrye.stork.api.ServiceDefinition;
import io.smallrye.stork.api.ServiceInstance;
import io.smallrye.stork.servicediscovery.consul.ConsulConfiguration;
import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;

/** Asks by Stork each half second, and says as a line of JSON what it has. It knows no token. */
public class SmallRye {
  public static void main(String[] args) throws Exception {
    URI url = URI.create(args[0]);
    ConsulConfiguration discovery =
        new ConsulConfiguration()
            .withConsulHost(url.getHost())
            .withConsulPort(String.valueOf(url.getPort()))
            .withRefreshPeriod("1S");
    Stork.initialize();
    Service service =
        Stork.getInstance()
            .defineIfAbsent(args[2], ServiceDefinition.of(discovery))
            .getService(args[2]);
    for (; ; Thread.sleep(500)) say(service.getInstances().await().indefinitely());
  }

  static void say(List<ServiceInstance> found) {
    List<String> places =
        found.stream()
            .map(one -> '"' + one.getHost() + ':' + one.getPort() + '"')
            .sorted()
            .collect(Collectors.toList());
    String seen =
        found.stream()
            .map(one -> one.isSecure() + " " + one.getLabels())
            .sorted()
            .collect(Collectors.joining(" "));
    System.out.println("{\"places\":" + places + ",\"seen\":\"" + seen + "\"}");
  }
}
