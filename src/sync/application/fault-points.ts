/** Names a place in a sync at which a test has the process die. Does nothing for users. */
export interface FaultPoints {
  reach(point: string): void;
}

export const noFaults: FaultPoints = { reach: () => undefined };

/** Dies, as by kill -9, the first time that `point` is reached. */
export const dieAt = (point: string): FaultPoints => ({
  reach: (reached) => {
    if (reached === point) process.kill(process.pid, 'SIGKILL');
  },
});
