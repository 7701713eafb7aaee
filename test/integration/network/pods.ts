import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CNI_BIN_DIRS, findCniBinDir } from '#agents/node/containerd/capabilities.ts';
import { ensurePodNetwork } from '#agents/node/network/ensure-pod-network.ts';
import { podNetworkPaths } from '#agents/node/network/paths.ts';
import { run } from '#agents/node/system/run.ts';
import { instanceOf } from '#base/instance.ts';
import { silentLogger } from '#base/logger.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { waitFor } from '#test/support/wait.ts';

/** A pod network of its own on this machine, and pods that are network namespaces with a web server. */
export async function podNetwork() {
  const dataDir = temporaryDirectory('headway-network');
  const instance = instanceOf(dataDir);
  // Ranges that follow from the random directory: files of tests run at the same time.
  const id = Number.parseInt(instance.bridge.slice(-2), 16);
  const podCidr = `10.231.${id}.0/24`;
  const serviceCidr = `10.232.${id}.0/24`;
  const network = await ensurePodNetwork({ instance, podCidr, serviceCidr, log: silentLogger });
  const cleanups: (() => Promise<unknown> | unknown)[] = [];

  const addPod = async (name: string) => {
    const netns = `${instance.bridge}-${name}`;
    await run('ip', ['netns', 'add', netns]);
    cleanups.push(() => run('ip', ['netns', 'del', netns]));
    await run('ip', ['-n', netns, 'link', 'set', 'lo', 'up']);
    const ip = await attach(name, netns);
    const exec = (...command: readonly string[]) => run('ip', ['netns', 'exec', netns, ...command]);
    const serve = async (port: number) => {
      const www = join(dataDir, `www-${name}`);
      mkdirSync(www, { recursive: true });
      writeFileSync(join(www, 'index.html'), name);
      const child = spawn('ip', ['netns', 'exec', netns, 'busybox', 'httpd', '-f', '-p', String(port), '-h', www], { stdio: 'ignore' });
      cleanups.unshift(() => child.kill('SIGKILL'));
      await waitFor(async () => (await get(`${ip}:${port}`)) === name, { what: `the web server of ${name}` });
    };
    // Not busybox's wget: linked statically, it may crash in the host's name service libraries.
    const script = "fetch(process.argv[1], { signal: AbortSignal.timeout(3000) }).then((r) => r.text()).then((text) => process.stdout.write(text), (error) => { console.error(error.cause?.code ?? error.name); process.exit(1); })";
    return { ip, exec, serve, get: (address: string) => exec(process.execPath, '-e', script, `http://${address}/`) };
  };

  const attach = async (containerId: string, netns: string): Promise<string> => {
    const { cniVersion, name, plugins } = JSON.parse(readFileSync(podNetworkPaths(instance).conflist, 'utf8')) as { cniVersion: string; name: string; plugins: object[] };
    const binDir = findCniBinDir(CNI_BIN_DIRS);
    const environment = [`CNI_COMMAND=ADD`, `CNI_CONTAINERID=${containerId}`, `CNI_NETNS=/run/netns/${netns}`, 'CNI_IFNAME=eth0', `CNI_PATH=${binDir}`];
    const result = await run('env', [...environment, join(binDir, 'bridge')], { input: JSON.stringify({ cniVersion, name, ...plugins[0] }) });
    return (JSON.parse(result) as { ips: { address: string }[] }).ips[0]?.address.split('/')[0] ?? '';
  };

  const close = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
    await run('ip', ['link', 'del', instance.bridge]);
    for (const table of [instance.nftTable, podNetworkPaths(instance).nftTable]) await run('nft', ['-f', '-'], { input: `add table ip ${table}\ndelete table ip ${table}\n` });
    rmSync(dataDir, { recursive: true, force: true });
  };
  const serviceIP = (last: number): string => serviceCidr.replace('0/24', String(last));
  return { instance, podCidr, serviceCidr, serviceIP, gateway: network.gateway, addPod, close };
}

/** GET from the host, on a connection of its own. */
export async function get(address: string): Promise<string> {
  const response = await fetch(`http://${address}/`, { headers: { connection: 'close' }, signal: AbortSignal.timeout(3000) });
  return response.text();
}
