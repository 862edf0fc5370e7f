package rollcall;

import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.appinfo.InstanceInfo;
import com.netflix.appinfo.MyDataCenterInstanceConfig;
import com.netflix.discovery.DefaultEurekaClientConfig;
import com.netflix.discovery.DiscoveryClient;
import com.netflix.discovery.shared.transport.jersey3.Jersey3TransportClientFactories;
import java.util.List;
import java.util.stream.Collectors;

/** Polls by Netflix' own client, and says each half second, as a line of JSON, what it holds. */
public class Netflix {
  public static void main(String[] args) throws Exception {
    System.setProperty("eureka.serviceUrl.default", args[0].replace("//", "//rollcall:" + args[1] + "@"));
    System.setProperty("eureka.registration.enabled", "false");
    System.setProperty("eureka.client.refresh.interval", "1");
    System.setProperty("eureka.shouldUseDns", "false");
    ApplicationInfoManager self =
        new ApplicationInfoManager(
            new MyDataCenterInstanceConfig(), (ApplicationInfoManager.OptionalArgs) null);
    DiscoveryClient client =
        new DiscoveryClient(
            self, new DefaultEurekaClientConfig(), Jersey3TransportClientFactories.getInstance());
    for (; ; Thread.sleep(500)) say(client.getInstancesByVipAddress(args[2], false));
  }

  static void say(List<InstanceInfo> found) {
    List<String> places =
        found.stream()
            .map(one -> '"' + one.getIPAddr() + ':' + one.getPort() + '"')
            .sorted()
            .collect(Collectors.toList());
    String seen =
        found.stream()
            .map(one -> one.getId() + one.getMetadata() + one.getHealthCheckUrl())
            .sorted()
            .collect(Collectors.joining(" "));
    System.out.println("{\"places\":" + places + ",\"seen\":\"" + seen + "\"}");
  }
}
