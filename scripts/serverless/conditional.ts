interface Service {
  functions: Record<string, { readonly condition?: string }>;
}

/**
 * Before a deployment the framework asks Lambda for each function, and deploys anew when one is
 * missing. One that its condition leaves out is always missing: it is hidden from that question, so
 * that a deployment without changes changes nothing. What is in its zip is compared all the same.
 */
export default class Conditional {
  readonly hooks: Record<string, () => void>;

  constructor({ service }: { readonly service: Service }) {
    let all = service.functions;
    this.hooks = {
      'before:aws:deploy:deploy:checkForChanges': () => {
        all = service.functions;
        service.functions = Object.fromEntries(
          Object.entries(all).filter(([, one]) => !one.condition),
        );
      },
      'after:aws:deploy:deploy:checkForChanges': () => {
        service.functions = all;
      },
    };
  }
}
