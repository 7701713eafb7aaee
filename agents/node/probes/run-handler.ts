import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { Client as GrpcClient, credentials } from '@grpc/grpc-js';
import type { Container, GRPCAction, HTTPGetAction, ProbeHandler, TCPSocketAction } from '#api/generated/core/v1.ts';
import { asError } from '#base/errors.ts';
import { httpRequest } from '#base/node-http.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';

export interface HandlerTarget {
  readonly container: Container;
  readonly containerId: string;
  /** Address of the pod, the node's own with host networking. */
  readonly host: string;
  readonly runtime: ContainerRuntime;
  readonly timeoutSeconds: number;
}

export interface HandlerResult {
  readonly isSuccess: boolean;
  /** Why it failed, as an event words it. */
  readonly output: string;
}

/** Answers longer than this are cut: only the status matters, and the first words of a command go into the event. */
const MAX_BODY = 10 * 1024;

/** Does what a probe or a lifecycle hook asks for, once. Never rejects: whatever goes wrong is a failure of the probed. */
export async function runHandler(handler: ProbeHandler, target: HandlerTarget): Promise<HandlerResult> {
  try {
    if (handler.exec) return await runExec(handler.exec.command ?? [], target);
    if (handler.httpGet) return await httpGet(handler.httpGet, target);
    if (handler.tcpSocket) return await tcpConnect(handler.tcpSocket, target);
    if (handler.grpc) return await grpcCheck(handler.grpc, target);
    return { isSuccess: false, output: 'no handler given' };
  } catch (thrown) {
    return { isSuccess: false, output: asError(thrown).message };
  }
}

async function runExec(command: readonly string[], target: HandlerTarget): Promise<HandlerResult> {
  const { stdout, stderr, exitCode } = await target.runtime.execSync(target.containerId, command, target.timeoutSeconds);
  return { isSuccess: exitCode === 0, output: Buffer.concat([stdout, stderr]).toString('utf8', 0, MAX_BODY) || `exit code ${exitCode}` };
}

export function portNumber(port: string | number, container: Container): number {
  const number = typeof port === 'number' || /^\d+$/.test(port) ? Number(port) : container.ports?.find((p) => p.name === port)?.containerPort;
  if (number === undefined || number < 1 || number > 65_535) throw new Error(`couldn't find port ${port}`);
  return number;
}

function httpGet(action: HTTPGetAction, target: HandlerTarget): Promise<HandlerResult> {
  const isTls = action.scheme === 'HTTPS';
  const host = action.host || target.host;
  const port = portNumber(action.port, target.container);
  const headers = Object.fromEntries((action.httpHeaders ?? []).map((h) => [h.name, h.value]));
  const url = `${isTls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}${action.path?.startsWith('/') ? action.path : `/${action.path ?? ''}`}`;
  return new Promise((resolve) => {
    const options = { headers: { 'user-agent': 'kube-probe/1.36', accept: '*/*', connection: 'close', ...headers }, agent: false, rejectUnauthorized: false };
    const request = (isTls ? httpsRequest : httpRequest)(url, options, (response) => {
      const status = response.statusCode ?? 0;
      let length = 0;
      const finish = (): void => settle({ isSuccess: status >= 200 && status < 400, output: `HTTP probe failed with statuscode: ${status}` });
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MAX_BODY) finish();
      });
      response.on('end', finish).on('error', (error) => fail(error.message));
    });
    const settle = (result: HandlerResult): void => {
      clearTimeout(timer);
      resolve(result);
      request.destroy();
    };
    const fail = (why: string): void => settle({ isSuccess: false, output: `Get "${url}": ${why}` });
    // For the whole exchange: a server that drips its answer would hold a timeout of the socket off for ever.
    const timer = setTimeout(() => fail('context deadline exceeded (Client.Timeout exceeded while awaiting headers)'), target.timeoutSeconds * 1000);
    request.on('error', (error) => fail(error.message));
    request.end();
  });
}

function tcpConnect(action: TCPSocketAction, target: HandlerTarget): Promise<HandlerResult> {
  const port = portNumber(action.port, target.container);
  return new Promise((resolve) => {
    const socket = connect({ host: action.host || target.host, port });
    const finish = (isSuccess: boolean, output: string): void => {
      socket.destroy();
      resolve({ isSuccess, output });
    };
    socket.setTimeout(target.timeoutSeconds * 1000, () => finish(false, `dial tcp ${target.host}:${port}: i/o timeout`));
    socket.on('connect', () => finish(true, '')).on('error', (error) => finish(false, `dial tcp ${target.host}:${port}: ${error.message}`));
  });
}

/** grpc.health.v1.Health/Check. Both messages have one field, so they are written and read here without generated code. */
function grpcCheck(action: GRPCAction, target: HandlerTarget): Promise<HandlerResult> {
  const client = new GrpcClient(`${target.host}:${action.port}`, credentials.createInsecure());
  const service = Buffer.from(action.service ?? '');
  const request = service.length === 0 ? service : Buffer.concat([Buffer.from([0x0a, service.length]), service]);
  return new Promise<HandlerResult>((resolve) => {
    const deadline = Date.now() + target.timeoutSeconds * 1000;
    client.makeUnaryRequest('/grpc.health.v1.Health/Check', (b: Buffer) => b, (b: Buffer) => b, request, { deadline }, (error, response) => {
      // Field 1, an enum: SERVING is 1.
      const isServing = response?.[0] === 0x08 && response[1] === 1;
      resolve({ isSuccess: !error && isServing, output: error ? error.message : 'service unhealthy (responded with "NOT_SERVING")' });
    });
  }).finally(() => client.close());
}
