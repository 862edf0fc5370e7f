import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { NAMESPACE } from '../../../local/servers.ts';
import type { Stage } from './stage.ts';

/**
 * What somebody else has registered, in all three registries, beside ours and under the same names.
 */
interface Stranger {
  come(): Promise<void>;
  change(): Promise<void>;
  go(): Promise<void>;
}

/**
 * Somebody else's records come, change and go. The watch knows whatever is not done by a function
 * as theirs.
 */
export const foreignWriter = (stage: Stage, milliseconds: number): string => {
  const stranger = createStranger(stage, `stranger-${stage.random.between(1, 1_000_000)}`);
  stage.after(0, stranger.come);
  stage.after(milliseconds / 2, stranger.change);
  if (stage.random.chance(0.5)) stage.after(milliseconds, stranger.go);
  return 'a stranger writes';
};

/** Milliseconds within which Cloud Map's operations have ended. */
const SETTLED = 3_000;

const createStranger = ({ servers, random, watch }: Stage, id: string): Stranger => {
  const { consul, eureka, cloudmap } = servers;
  const service = random.pick(['web', 'legacy']) ?? 'legacy';
  const app = service.toUpperCase();
  const register = async (port: number) => {
    await send(consul?.port, 'PUT', '/v1/catalog/register', {
      Node: 'somebody',
      Address: '10.9.9.9',
      Service: {
        ID: id,
        Service: service,
        Address: '10.9.9.9',
        Port: port,
        Meta: { team: 'other' },
      },
      Check: { CheckID: id, Name: 'theirs', Status: 'critical', ServiceID: id },
    });
    await send(eureka?.port, 'POST', `/eureka/apps/${app}`, {
      instance: {
        instanceId: id,
        hostName: '10.9.9.9',
        app,
        ipAddr: '10.9.9.9',
        status: 'DOWN',
        port: { $: port, '@enabled': 'true' },
        dataCenterInfo: {
          '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
          name: 'MyOwn',
        },
        leaseInfo: { durationInSecs: 90_000 },
        lastDirtyTimestamp: String(Date.now()),
      },
    });
    const ServiceId = await serviceId(cloudmap, service);
    watch.moves('cloudmap', `${service}/${id}`, SETTLED);
    const Attributes = {
      AWS_INSTANCE_IPV4: '10.9.9.9',
      AWS_INSTANCE_PORT: String(port),
      team: 'other',
    };
    await cloudmap.handle('RegisterInstance', { ServiceId, InstanceId: id, Attributes });
  };
  return {
    come: () => register(80),
    change: () => register(81),
    async go() {
      await send(consul?.port, 'PUT', '/v1/catalog/deregister', {
        Node: 'somebody',
        ServiceID: id,
      });
      await send(eureka?.port, 'DELETE', `/eureka/apps/${app}/${id}`);
      const ServiceId = await serviceId(cloudmap, service);
      watch.moves('cloudmap', `${service}/${id}`, SETTLED);
      await cloudmap.handle('DeregisterInstance', { ServiceId, InstanceId: id }).catch(() => {});
    },
  };
};

/** Of the service by that name, made where there is none. */
const serviceId = async (cloudmap: Stage['servers']['cloudmap'], name: string): Promise<string> => {
  const { Namespaces } = (await cloudmap.handle('ListNamespaces', {})) as {
    Namespaces: { Id: string; Name: string }[];
  };
  const NamespaceId = Namespaces.find((one) => one.Name === NAMESPACE)?.Id;
  const { Services } = (await cloudmap.handle('ListServices', {})) as {
    Services: { Id: string; Name: string }[];
  };
  const found = Services.find((one) => one.Name === name);
  if (found) return found.Id;
  const created = await cloudmap.handle('CreateService', {
    Name: name,
    NamespaceId,
    HealthCheckCustomConfig: {},
  });
  return (created as { Service: { Id: string } }).Service.Id;
};

const send = async (
  port: number | undefined,
  method: string,
  path: string,
  body?: unknown,
): Promise<void> => {
  const http = process.getBuiltinModule('node:http');
  const request = http.request({
    port,
    method,
    path,
    headers: { 'content-type': 'application/json' },
  });
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  const { statusCode = 0 } = response;
  // A server that is in trouble has nothing of theirs either; a request that is refused is this
  // file's fault.
  if (statusCode >= 400 && statusCode < 500)
    throw new Error(`${method} ${path}: ${response.statusCode}`);
};
