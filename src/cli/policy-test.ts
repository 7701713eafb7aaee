import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { SyncError } from '#api/headway/v1/types.ts';
import { type CaseOutcome, type PolicyCase, PolicyTester } from '#sync/offline/policy-cases.ts';
import type { SourceFile } from '#sync/render/renderer.ts';
import { UsageError } from './usage-error.ts';

const TEST_DATA = 'testdata';
const MANIFEST = /\.(?:ya?ml|json)$/i;
const CASE = /^(accept|deny)-/;

export interface PolicyTestResult {
  readonly folder: string;
  readonly errors: readonly SyncError[];
  readonly outcomes: readonly CaseOutcome[];
}

/** `headway policy test`: every folder with `testdata` in it, below the given one. Resolves to the exit code: 1 when a case is not as its name says. */
export function policyTest(folder: string): number {
  const results = testPolicies(folder);
  process.stdout.write(`${results.map(resultText).join('\n')}\n${totalText(results)}\n`);
  return results.every(isGood) ? 0 : 1;
}

/** @throws UsageError when there is nothing to test */
export function testPolicies(root: string): readonly PolicyTestResult[] {
  const folders = policyFolders(root);
  if (folders.length === 0) throw new UsageError(`${root} has no policies with a ${TEST_DATA} folder; see "headway policy test --help"`);
  const tester = new PolicyTester();
  return folders.map((folder) => {
    const policies = manifestsIn(folder);
    const cases = manifestsIn(join(folder, TEST_DATA)).map((file) => caseOf(file));
    return { folder, ...tester.run(policies, cases) };
  });
}

function policyFolders(root: string): readonly string[] {
  try {
    const all = [root, ...readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name))];
    return all.filter((path) => statSync(join(path, TEST_DATA), { throwIfNoEntry: false })?.isDirectory() === true).sort();
  } catch (cause) {
    throw new UsageError(`${root} is no folder that can be read`, { cause });
  }
}

const manifestsIn = (folder: string): readonly SourceFile[] =>
  readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && MANIFEST.test(entry.name)).map(({ name }) => join(folder, name)).sort()
    .map((path) => ({ path: relative('', path) || path, content: readFileSync(path) }));

function caseOf(file: SourceFile): PolicyCase {
  const expects = CASE.exec(file.path.slice(file.path.lastIndexOf('/') + 1))?.[1];
  if (expects !== 'accept' && expects !== 'deny') throw new UsageError(`${file.path}: a test of a policy is named accept-… or deny-…`);
  return { file, expects };
}

const isGood = ({ errors, outcomes }: PolicyTestResult): boolean => errors.length === 0 && outcomes.every(({ isRight }) => isRight);

function resultText({ folder, errors, outcomes }: PolicyTestResult): string {
  const failed = errors.map(({ path, line, message }) => `  ✘ ${path}${line === undefined ? '' : `:${line}`}: ${message}`);
  const cases = outcomes.map(({ path, expects, isRight, messages }) => {
    const name = relative(join(folder, TEST_DATA), path);
    return isRight ? `  ✔ ${name}` : `  ✘ ${name}: it should be ${expects === 'deny' ? 'denied' : 'accepted'}${messages.length > 0 ? `; ${messages.join('; ')}` : ', and is not'}`;
  });
  return [folder, ...failed, ...cases].join('\n');
}

function totalText(results: readonly PolicyTestResult[]): string {
  const outcomes = results.flatMap((result) => result.outcomes);
  const wrong = outcomes.filter(({ isRight }) => !isRight).length + results.reduce((sum, { errors }) => sum + errors.length, 0);
  return `${outcomes.length} cases of ${results.length} ${results.length === 1 ? 'policy' : 'policies'}: ${wrong === 0 ? 'all as expected' : `${wrong} wrong`}`;
}
