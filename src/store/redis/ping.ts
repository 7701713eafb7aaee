import { connect } from 'node:net';

const ANSWER_WITHIN_MS = 250;

/** Whether a Redis that has loaded its data answers on the socket; never rejects. */
export function answersPing(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => resolve(false));
    // While it loads, Redis answers -LOADING.
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')));
    socket.write('PING\r\n');
  });
}
