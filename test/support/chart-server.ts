import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { packagedClient } from './client-binaries.ts';
import { startHttpsServer } from './web-server.ts';

type Test = Pick<ExecutionContext, 'teardown'>;
type Files = Readonly<Record<string, string>>;

const AUTHORIZATION = `Basic ${Buffer.from('ada:s3cret').toString('base64')}`;
/** One ConfigMap with the value `greeting` and the version of the chart. */
const FILES: Files = {
  'values.yaml': 'greeting: hello\n',
  'templates/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  greeting: {{ .Values.greeting }}\n  version: {{ .Chart.Version }}\n',
};

/** A chart repository on the loopback, as `helm package` and `helm repo index` make it. */
export interface ChartServer {
  readonly url: string;
  readonly ca: string;
  /** `path`, or `path 304`, of each request that was let in. */
  readonly requests: readonly string[];
  /** Files replace those of the usual chart. */
  publish(chart: string, version: string, files?: Files): void;
  /** What the index says from now on. */
  setIndex(edit: (text: string) => string): void;
  /** Wanted from now on: user ada with password s3cret. */
  protect(): void;
}

export async function startChartServer(t: Test): Promise<ChartServer> {
  const root = mkdtempSync(join(tmpdir(), 'headway-charts-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const requests: string[] = [];
  let isProtected = false;
  const { url, ca } = await startHttpsServer(t, (request: IncomingMessage, response: ServerResponse) => {
    if (isProtected && request.headers.authorization !== AUTHORIZATION) return void response.writeHead(401).end();
    const path = request.url ?? '';
    const content = fileOf(join(root, path));
    if (!content) return void response.writeHead(404).end();
    const etag = `"${createHash('sha256').update(content).digest('hex')}"`;
    const isKnown = request.headers['if-none-match'] === etag;
    requests.push(isKnown ? `${path} 304` : path);
    response.writeHead(isKnown ? 304 : 200, { etag }).end(isKnown ? undefined : content);
  });
  const index = join(root, 'charts/index.yaml');
  return {
    url: `${url}/charts`, ca, requests,
    publish(chart, version, files = {}) {
      packChart(join(root, 'charts'), { chart, version, files });
      helm('repo', 'index', join(root, 'charts'));
    },
    setIndex: (edit) => writeFileSync(index, edit(readFileSync(index, 'utf8'))),
    protect: () => void (isProtected = true),
  };
}

/** Packs a chart with helm into a directory; the archive's path. */
export function packChart(directory: string, { chart, version, files = {} }: { readonly chart: string; readonly version: string; readonly files?: Files }): string {
  const source = mkdtempSync(join(tmpdir(), 'headway-chart-'));
  try {
    for (const [path, content] of Object.entries({ 'Chart.yaml': `apiVersion: v2\nname: ${chart}\nversion: ${version}\n`, ...FILES, ...files })) {
      mkdirSync(dirname(join(source, chart, path)), { recursive: true });
      writeFileSync(join(source, chart, path), content);
    }
    mkdirSync(directory, { recursive: true });
    helm('package', join(source, chart), '--destination', directory);
    return join(directory, `${chart}-${version}.tgz`);
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
}

const helm = (...args: readonly string[]): void => void execFileSync(packagedClient('helm'), args, { stdio: ['ignore', 'ignore', 'pipe'] });

function fileOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
