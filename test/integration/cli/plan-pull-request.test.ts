import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { load } from 'js-yaml';
import { exec, ROOT, type ExecResult } from '#test/support/headway.ts';
import { applicationYaml, configMapYaml } from '#test/support/plan-bench.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';

interface Comment { readonly id: number; body: string; readonly isOurs: boolean }
interface GitHub {
  readonly url: string;
  readonly comments: Comment[];
  readonly requests: string[];
  /** Answers of this status come before the real one. */
  failures: number[];
  isReadOnly: boolean;
}

const TOKEN = 'a-token-of-the-test';
const MARKER = '<!-- headway-plan: root -->';

/** Answers as GitHub's REST API documents issue comments: pages, who may edit, errors. */
async function startGitHub(t: ExecutionContext): Promise<GitHub> {
  const github: GitHub = { url: '', comments: [], requests: [], failures: [], isReadOnly: false };
  const server = createServer((request, response) => void answer(github, request).then(({ status, body }) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return Object.assign(github, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function answer(github: GitHub, request: IncomingMessage): Promise<{ readonly status: number; readonly body: unknown }> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
  github.requests.push(`${request.method} ${pathname}`);
  const failure = github.failures.shift();
  if (failure) return { status: failure, body: { message: 'not now' } };
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return { status: 401, body: { message: 'Bad credentials' } };
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const { body = '' } = (text === '' ? {} : JSON.parse(text)) as { readonly body?: string };
  if (request.method !== 'GET' && github.isReadOnly) return { status: 403, body: { message: 'Resource not accessible by integration' } };
  if (pathname === '/repos/team/platform/issues/7/comments') {
    if (request.method === 'POST') return { status: 201, body: github.comments[github.comments.push({ id: github.comments.length + 1, body, isOurs: true }) - 1] };
    const [size, page] = [Number(searchParams.get('per_page')), Number(searchParams.get('page'))];
    return { status: 200, body: github.comments.slice((page - 1) * size, page * size) };
  }
  const comment = github.comments.find(({ id }) => pathname === `/repos/team/platform/issues/comments/${id}`);
  if (!comment || request.method !== 'PATCH') return { status: 404, body: { message: 'Not Found' } };
  if (!comment.isOurs) return { status: 403, body: { message: 'Resource not accessible by integration' } };
  comment.body = body;
  return { status: 200, body: comment };
}

interface Bench {
  readonly github: GitHub;
  /** The branch's only change: another text of the only ConfigMap. */
  commit(text: string): void;
  run(env?: NodeJS.ProcessEnv): Promise<ExecResult & { readonly summary: string; readonly outputs: string }>;
}

async function startBench(t: ExecutionContext): Promise<Bench> {
  t.timeout(180_000);
  const github = await startGitHub(t);
  const repository = await createTemporaryRepository();
  const folder = temporaryDirectory('headway-action');
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
    return repository.dispose();
  });
  repository.commit({ 'root/app.yaml': applicationYaml('app', 'apps/app'), 'apps/app/config.yaml': configMapYaml('config', 'one') });
  repository.git('checkout', '--quiet', '-b', 'change');
  const { event, summary, outputs } = { event: join(folder, 'event'), summary: join(folder, 'summary'), outputs: join(folder, 'outputs') };
  writeFileSync(event, JSON.stringify({ pull_request: { number: 7 } }));
  return {
    github,
    commit: (text) => void repository.commit({ 'apps/app/config.yaml': text }),
    async run(env = {}) {
      for (const file of [summary, outputs]) writeFileSync(file, '');
      const result = await exec(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'scripts/github/plan-pull-request.ts')], {
        env: {
          GITHUB_TOKEN: TOKEN, GITHUB_API_URL: github.url, GITHUB_REPOSITORY: 'team/platform', GITHUB_EVENT_PATH: event, GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: outputs,
          HEADWAY_REPO: repository.path, HEADWAY_BASE: 'main', HEADWAY_HEAD: 'change', HEADWAY_PATH: 'root', HEADWAY_POLICIES: 'policies', HEADWAY_FAIL_ON: 'policy,error', ...env,
        },
      });
      return { ...result, summary: readFileSync(summary, 'utf8'), outputs: readFileSync(outputs, 'utf8') };
    },
  };
}

test('the first run writes a comment, the next one changes it, and one without news leaves it alone', async (t) => {
  const { github, commit, run } = await startBench(t);
  // Many came before: the comment is not on the first page.
  for (let id = 1; id <= 130; id++) github.comments.push({ id, body: `comment ${id}`, isOurs: false });
  commit(configMapYaml('config', 'two'));
  const first = await run();
  t.is(first.code, 0, first.stderr);
  t.is(github.comments.length, 131);
  t.true(github.comments[130]?.body.startsWith(MARKER));
  t.is(first.summary.trim(), github.comments[130]?.body ?? '');
  t.is(first.outputs, 'exit-code=0\n');
  commit(configMapYaml('config', 'three'));
  t.regex((await run()).stdout, /comment updated/);
  t.is(github.comments.length, 131);
  t.regex(github.comments[130]?.body ?? '', /\+ {2}value: three/);
  t.regex((await run()).stdout, /comment unchanged/);
});

test('somebody else\'s comment with the marker is left alone', async (t) => {
  const { github, commit, run } = await startBench(t);
  github.comments.push({ id: 1, body: `${MARKER}\nmine`, isOurs: false });
  commit(configMapYaml('config', 'two'));
  t.regex((await run()).stdout, /comment created/);
  t.deepEqual(github.comments.map(({ isOurs }) => isOurs), [false, true]);
});

test('errors of the plan fail the run, after the comment is there', async (t) => {
  const { github, commit, run } = await startBench(t);
  commit('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndatum: {}\n');
  const { code, outputs } = await run();
  t.is(code, 2);
  t.is(outputs, 'exit-code=2\n');
  t.regex(github.comments[0]?.body ?? '', /apps\/app\/config.yaml:4.*unknown field "datum"/);
});

test('a plan that cannot be made replaces the older one, and says why', async (t) => {
  const { github, commit, run } = await startBench(t);
  commit(configMapYaml('config', 'two'));
  await run();
  const { code } = await run({ HEADWAY_BASE: 'nothing' });
  t.is(code, 2);
  t.is(github.comments.length, 1);
  t.regex(github.comments[0]?.body ?? '', /could not be made[^]*--base nothing/);
});

test('a server that is busy is asked again; one that refuses is a warning, not a failure', async (t) => {
  const { github, commit, run } = await startBench(t);
  commit(configMapYaml('config', 'two'));
  github.failures = [502, 503];
  t.regex((await run()).stdout, /comment created/);
  github.isReadOnly = true;
  commit(configMapYaml('config', 'three'));
  const refused = await run();
  t.is(refused.code, 0);
  t.regex(refused.stdout, /::warning::the plan could not be posted as a comment: .*403 Resource not accessible/);
  t.regex(refused.summary, /value: three/);
  t.false((refused.stdout + refused.stderr + refused.summary).includes(TOKEN));
});

test('without a pull request, or when it is not wanted, nothing is asked of the API', async (t) => {
  const { github, commit, run } = await startBench(t);
  commit(configMapYaml('config', 'two'));
  t.is((await run({ HEADWAY_COMMENT: 'false' })).code, 0);
  t.deepEqual(github.requests, []);
});

interface Step { readonly uses?: string; readonly run?: string; readonly shell?: string; readonly with?: Readonly<Record<string, unknown>>; readonly env?: Readonly<Record<string, string>> }
const readYaml = <T>(path: string): T => load(readFileSync(join(ROOT, path), 'utf8')) as T;

test('the action gives every input to the script by the environment', (t) => {
  const action = readYaml<{ readonly inputs: Readonly<Record<string, { readonly description: string }>>; readonly runs: { readonly using: string; readonly steps: readonly Step[] } }>('.github/actions/headway-plan/action.yml');
  t.is(action.runs.using, 'composite');
  for (const step of action.runs.steps) {
    t.true(step.uses !== undefined || step.shell === 'bash');
    // Text of a pull request in a script would be run.
    t.notRegex(step.run ?? '', /\$\{\{/);
  }
  const env = Object.values(action.runs.steps.at(-1)?.env ?? {}).join(' ');
  for (const input of Object.keys(action.inputs)) t.true(env.includes(`inputs.${input}`), input);
  for (const { description } of Object.values(action.inputs)) t.true(description.length > 10);
});

test('the workflow can be called, has the history, and no right that it does not need', (t) => {
  const workflow = readYaml<{ readonly on: { readonly workflow_call: { readonly inputs: Readonly<Record<string, unknown>> } }; readonly permissions: object; readonly jobs: { readonly plan: { readonly steps: readonly Step[] } } }>('.github/workflows/headway-plan.yml');
  t.deepEqual(Object.keys(workflow.on.workflow_call.inputs).sort(), ['charts', 'fail-on', 'headway', 'headway-ref', 'path', 'policies']);
  t.deepEqual(workflow.permissions, { contents: 'read', 'pull-requests': 'write' });
  const [checkout, , plan] = workflow.jobs.plan.steps;
  t.is(checkout?.with?.['fetch-depth'], 0);
  t.is(checkout?.with?.['persist-credentials'], false);
  t.regex(plan?.uses ?? '', /\.github\/actions\/headway-plan$/);
});
