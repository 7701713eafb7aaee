import { readFileSync } from 'node:fs';

/** Of the times in /proc/<pid>/stat: USER_HZ is 100 on every Linux. */
const TICK_US = 10_000;

/** CPU time of a process since its start, of all its threads, in microseconds. */
export function cpuTimeUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold blanks; utime and stime are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}
