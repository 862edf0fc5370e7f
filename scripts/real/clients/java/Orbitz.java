package rollcall;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import com.orbitz.consul.Consul;
import com.orbitz.consul.cache.ServiceHealthCache;
import com.orbitz.consul.cache.ServiceHealthKey;
import com.orbitz.consul.model.agent.Agent;
import com.orbitz.consul.model.health.ServiceHealth;
import com.orbitz.consul.option.ImmutableQueryOptions;
import com.orbitz.consul.option.QueryOptions;

/** Follows a service by Orbitz’ client: whatever it learns becomes a line of JSON. */
public class Orbitz {
  public static void main(String[] args) throws Exception {
    Consul consul = Consul.builder().withUrl(args[0]).withAclToken(args[1]).build();
    Agent agent = consul.agentClient().getAgent();
    String server = agent.getConfig().getDatacenter() + ' ' + agent.getMember().getStatus();
    QueryOptions options = ImmutableQueryOptions.builder().build();
    // Less than the client takes a server for dead after.
    int seconds = 5;
    ServiceHealthCache cache =
        ServiceHealthCache.newCache(consul.healthClient(), args[2], true, seconds, options);
    cache.addListener(found -> say(server, found));
    cache.start();
    Thread.currentThread().join();
  }

  static void say(String server, Map<ServiceHealthKey, ServiceHealth> found) {
    List<String> places =
        found.values().stream()
            .map(one -> one.getService())
            .map(one -> '"' + one.getAddress() + ':' + one.getPort() + '"')
            .sorted()
            .collect(Collectors.toList());
    String seen =
        found.values().stream()
            .map(ServiceHealth::getService)
            .map(one -> one.getId() + one.getTags() + one.getMeta())
            .sorted()
            .collect(Collectors.joining(" "));
    System.out.println("{\"places\":" + places + ",\"seen\":\"" + server + ' ' + seen + "\"}");
  }
}
