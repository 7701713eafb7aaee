import { formatTable } from './terminal.ts';

/** Below the finding that they explain: in a column of their own, the longest would push every line beyond the window. */
const INDENT = '      ';

/** `headway doctor`: exit code 1 when something is missing that Headway cannot do without. */
export async function doctor(): Promise<void> {
  const { inspectMachine } = await import('#agents/node/doctor/inspect-machine.ts');
  const { inspectRendering } = await import('#sync/render/tools/inspect-rendering.ts');
  const findings = (await Promise.all([inspectMachine(), inspectRendering()])).flat();
  const [header = '', ...rows] = formatTable(['', 'CHECK', 'FOUND'], findings.map((f) => [f.level, f.name, f.found])).split('\n');
  const lines = findings.flatMap(({ level, cost, remedy }, i) => [rows[i] ?? '', ...(level === 'ok' ? [] : [`${INDENT}${cost} ${remedy}`.trimEnd()])]);
  const failed = findings.filter((f) => f.level === 'fail').length;
  const verdict = failed === 0 ? 'Headway can run here.' : `Headway cannot run here: ${failed} of ${findings.length} checks failed.`;
  process.stdout.write(`${[header, ...lines].join('\n')}\n\n${verdict}\n`);
  if (failed > 0) process.exitCode = 1;
}
