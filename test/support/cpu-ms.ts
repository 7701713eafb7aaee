/** CPU time that the work takes of this thread, which other work on the machine lengthens far less than it does the clock's. */
export function cpuMs(work: () => void): number {
  const start = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000;
}
