import { bundleAll } from '../bundle.ts';

/**
 * Runs the project's own bundler wherever the Serverless Framework is about to read what it makes.
 */
export default class Bundle {
  readonly hooks: Record<string, () => Promise<void>>;

  constructor() {
    const bundle = async () => {
      await bundleAll();
    };
    this.hooks = {
      'before:package:createDeploymentArtifacts': bundle,
      'before:deploy:function:packageFunction': bundle,
      'before:invoke:local:invoke': bundle,
    };
  }
}
