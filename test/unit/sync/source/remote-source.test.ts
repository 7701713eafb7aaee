import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { redactCredentials } from '#sync/source/git-command.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';
import { startSourceBench } from '#test/support/tracked-source.ts';

/** Serves a folder as files: all that git's plain HTTP transport needs. */
async function serve(t: ExecutionContext, directory: string): Promise<string> {
  const server = createServer((request, response) => {
    const path = join(directory, decodeURIComponent((request.url ?? '').split('?')[0] ?? ''));
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) createReadStream(path).pipe(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function track(t: ExecutionContext, url: string) {
  return (await startSourceBench(t)).track({ url, pollIntervalMs: 50 });
}

test('a remote repository is mirrored and polled, and its rewritten history taken over', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const address = await serve(t, repository.path);
  const publish = (): void => void repository.git('update-server-info');
  const first = repository.commit({ 'a.yaml': '1' });
  publish();
  const { reaches, tracker } = await track(t, `http://${address}/.git`);
  await reaches(first);
  repository.git('commit', '--quiet', '--amend', '--message=rewritten');
  const rewritten = repository.git('rev-parse', 'HEAD');
  publish();
  await reaches(rewritten);
  t.is((await tracker.current?.repository.commit(rewritten))?.author, 'Ada <ada@example.org>');
});

test('a remote that cannot be reached is an error without the credentials of its URL', async (t) => {
  const { fails } = await track(t, 'http://ada:s3cret@127.0.0.1:1/repository.git');
  t.notRegex((await fails('Unreachable')).message, /s3cret/);
});

test('credentials are redacted wherever a URL stands', (t) => {
  t.is(redactCredentials("fatal: unable to access 'https://ada:p%40ss@git.example.org/a.git/': denied"), "fatal: unable to access 'https://***@git.example.org/a.git/': denied");
});
