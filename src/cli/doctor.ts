import { formatTable } from './terminal.ts';

/** `headway doctor`: exit code 1 when something is missing that Headway cannot do without. */
export async function doctor(): Promise<void> {
  const { inspectMachine } = await import('#agents/node/doctor/inspect-machine.ts');
  const findings = await inspectMachine();
  const rows = findings.map((f) => [f.level, f.name, f.found, f.level === 'ok' ? '' : `${f.cost} ${f.remedy}`.trim()]);
  process.stdout.write(`${formatTable(['', 'CHECK', 'FOUND', 'COST AND REMEDY'], rows)}\n`);
  if (findings.some((f) => f.level === 'fail')) process.exitCode = 1;
}
