import { WorkerPool } from '../worker/worker-pool.ts';
import { packagedTools, RenderTools, type ToolName } from './render-tools.ts';

/** What `headway doctor` says of one thing that rendering uses. Nothing of it is needed for plain manifests. */
export interface RenderingFinding {
  readonly name: string;
  readonly level: 'ok' | 'warn';
  readonly found: string;
  readonly cost: string;
  readonly remedy: string;
}

const COSTS: Readonly<Record<ToolName, string>> = { kubectl: 'Folders with a kustomization cannot be rendered.', helm: 'Charts cannot be rendered.' };

/** Looks at the tools and at what holds them; changes nothing. */
export async function inspectRendering(path?: string): Promise<readonly RenderingFinding[]> {
  const options = path === undefined ? {} : { path };
  const [kubectl, helm, confinement] = await Promise.all([inspectTool('kubectl', options), inspectTool('helm', options), new WorkerPool(options).confinement()]);
  return [
    kubectl, helm,
    finding('render network', confinement.network === 'namespace', confinement.network === 'namespace' ? 'none, by a namespace' : 'proxies at a closed port', 'A renderer could reach the network if it did not honour its proxies.', 'install util-linux, and allow user namespaces when not root'),
    finding('render memory', confinement.hasLimits, confinement.hasLimits ? 'limited by prlimit' : 'not limited', 'A chart can take all memory of the control plane.', 'install util-linux'),
  ];
}

async function inspectTool(name: ToolName, options: { readonly path?: string }): Promise<RenderingFinding> {
  const tool = await new RenderTools(options).find(name);
  const found = tool ? `${tool.version} (${tool.program})` : packagedTools() === undefined ? 'not found' : 'in an npm package, unpacked when it is needed';
  return finding(`render ${name}`, found !== 'not found', found, COSTS[name], `install ${name}`);
}

const finding = (name: string, isGood: boolean, found: string, cost: string, remedy: string): RenderingFinding =>
  isGood ? { name, level: 'ok', found, cost: '', remedy: '' } : { name, level: 'warn', found, cost, remedy };
