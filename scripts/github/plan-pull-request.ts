import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markerOf } from '#cli/plan/plan-markdown.ts';
import { type PullRequest, putComment } from './comments.ts';

/**
 * What the action runs: makes the plan, shows it on the run's page and as a comment of the pull request, and ends with the plan's exit code.
 * All input comes by the environment: text of a pull request must never stand in a script.
 */
const env = process.env;
const PROGRAM = join(import.meta.dirname, '../../src/cli/main.ts');
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

const { markdown, code } = makePlan();
if (env['GITHUB_STEP_SUMMARY']) appendFileSync(env['GITHUB_STEP_SUMMARY'], `${markdown}\n`);
if (env['GITHUB_OUTPUT']) appendFileSync(env['GITHUB_OUTPUT'], `exit-code=${code}\n`);
await comment(markdown);
process.exitCode = code;

function makePlan(): { readonly markdown: string; readonly code: number } {
  const flags = [['--repo', 'HEADWAY_REPO'], ['--base', 'HEADWAY_BASE'], ['--head', 'HEADWAY_HEAD'], ['--path', 'HEADWAY_PATH'], ['--policies', 'HEADWAY_POLICIES'], ['--fail-on', 'HEADWAY_FAIL_ON']] as const;
  const args = [...flags.flatMap(([flag, name]) => (env[name] ? [`${flag}=${env[name]}`] : [])), ...(env['HEADWAY_CHARTS'] === 'true' ? ['--charts'] : [])];
  const { stdout, stderr, status } = spawnSync(process.execPath, [PROGRAM, 'plan', '--output=markdown', ...args], { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES, env: withoutToken() });
  process.stderr.write(stderr);
  // A plan that could not be made must not leave an older one standing as if it were true.
  return { markdown: stdout.trim() || `${markerOf(env['HEADWAY_PATH'] ?? '')}\n\n### Headway plan\n\n**The plan could not be made.**\n\n\`\`\`\`\n${stderr.trim().slice(0, 4000).replaceAll('````', '')}\n\`\`\`\``, code: status ?? 2 };
}

/** Charts and kustomizations of a pull request are rendered with what they need, and nothing else. */
function withoutToken(): NodeJS.ProcessEnv {
  const { GITHUB_TOKEN: _token, ...rest } = env;
  return rest;
}

async function comment(body: string): Promise<void> {
  const pull = pullRequest();
  if (!pull) return;
  try {
    process.stdout.write(`comment ${await putComment(pull, body.split('\n', 1)[0] ?? '', body)}\n`);
  } catch (error) {
    // A fork's token may not comment; the run's page has the plan, and the exit code its verdict.
    process.stdout.write(`::warning::the plan could not be posted as a comment: ${(error as Error).message.replaceAll(/[\r\n]+/g, ' ')}\n`);
  }
}

/** Undefined when there is none, or nothing is to be posted. */
function pullRequest(): PullRequest | undefined {
  const { GITHUB_TOKEN: token, GITHUB_EVENT_PATH: eventPath, GITHUB_REPOSITORY: repository, GITHUB_API_URL: apiUrl = 'https://api.github.com' } = env;
  if (!token || !eventPath || !repository || env['HEADWAY_COMMENT'] === 'false') return undefined;
  const event = JSON.parse(readFileSync(eventPath, 'utf8')) as { readonly pull_request?: { readonly number: number } };
  return event.pull_request ? { token, repository, apiUrl, number: event.pull_request.number } : undefined;
}
