import test from 'ava';
import { makeSigningKeys, type SigningKey } from '#test/support/signing-keys.ts';
import { createTemporaryRepository, type TemporaryRepository } from '#test/support/temporary-repository.ts';
import { startSourceBench } from '#test/support/tracked-source.ts';

const sign = ({ git }: TemporaryRepository, { gitOptions }: SigningKey, message: string): string => {
  git(...gitOptions, 'commit', '--quiet', '--allow-empty', '--gpg-sign', `--message=${message}`);
  return git('rev-parse', 'HEAD');
};

test('commits signed by a listed key are followed, with the signer named; all others are refused and the last good one stays', async (t) => {
  const keys = makeSigningKeys(t);
  const [ada, bob, mallory, late, eve] = [keys.pgp('ada'), keys.ssh('bob "b" builder'), keys.pgp('mallory'), keys.pgp('late', { expired: true }), keys.ssh('eve')];
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  // What the repository says about programs and keys belongs to whoever made it.
  repository.git('config', 'gpg.program', '/bin/true');
  repository.git('config', 'gpg.ssh.program', '/bin/true');
  const { track } = await startSourceBench(t);
  const first = sign(repository, ada, 'by ada');
  const tracked = track({ url: repository.path, signers: [ada.signer, bob.signer, late.signer] });
  t.is((await tracked.reaches(first)).verifiedBy, 'ada');
  const second = sign(repository, bob, 'by bob');
  t.is((await tracked.reaches(second)).verifiedBy, 'bob "b" builder');
  for (const [make, reason, message] of [
    [() => repository.commit({ a: '1' }), 'Unsigned', /has no signature; it must be signed by one of ada, bob "b" builder, late/],
    [() => sign(repository, mallory, 'by mallory'), 'SignatureRefused', /PGP key [0-9A-F]{16} is none of the listed ones/],
    [() => sign(repository, eve, 'by eve'), 'SignatureRefused', /ED25519 key SHA256:\S+ is none of the listed ones/],
    [() => sign(repository, late, 'by late'), 'SignatureRefused', /key [0-9A-F]{16} \(late <late@example\.org>\) has expired/],
    [() => forge(repository, sign(repository, ada, 'by ada')), 'SignatureRefused', /signature of ada <ada@example\.org> does not fit the contents/],
    [() => forge(repository, sign(repository, bob, 'by bob')), 'SignatureRefused', /does not fit the contents: incorrect signature/],
  ] as const) {
    const count = tracked.errors.length;
    make();
    t.regex((await tracked.fails(reason, count)).message, message);
    t.is(tracked.tracker.current?.revision, second);
  }
  repository.git('reset', '--quiet', '--hard', second);
  await tracked.reaches(second);
  const third = sign(repository, ada, 'by ada again');
  t.is((await tracked.reaches(third)).verifiedBy, 'ada');
});

test('a signed tag vouches for its commit', async (t) => {
  const keys = makeSigningKeys(t);
  const [ada, bob, eve] = [keys.pgp('ada'), keys.ssh('bob'), keys.ssh('eve')];
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const head = repository.commit({ a: '1' });
  repository.git(...ada.gitOptions, 'tag', '--sign', '--message=one', 'v1.0.0');
  repository.git(...bob.gitOptions, 'tag', '--sign', '--message=two', 'v2.0.0');
  repository.git(...eve.gitOptions, 'tag', '--sign', '--message=three', 'v3.0.0');
  repository.git('tag', '--annotate', '--message=four', 'v4.0.0');
  const { track } = await startSourceBench(t);
  const signers = [ada.signer, bob.signer];
  t.is((await track({ url: repository.path, ref: '1.x', signers }).reaches(head)).verifiedBy, 'ada');
  t.is((await track({ url: repository.path, ref: 'v2.0.0', signers }).reaches(head)).verifiedBy, 'bob');
  await track({ url: repository.path, ref: 'v3.0.0', signers }).fails('SignatureRefused');
  await track({ url: repository.path, ref: 'v4.0.0', signers }).fails('Unsigned');
});

test('after a restart on a bad commit, the last one is in force again if it is verified', async (t) => {
  const keys = makeSigningKeys(t);
  const ada = keys.ssh('ada');
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const unsigned = repository.commit({ a: '1' });
  const good = sign(repository, ada, 'by ada');
  repository.commit({ a: '2' });
  const { track } = await startSourceBench(t);
  const tracked = track({ url: repository.path, signers: [ada.signer], last: good });
  await tracked.fails('Unsigned');
  t.is(tracked.tracker.current?.revision, good);
  const other = track({ url: repository.path, signers: [ada.signer], last: unsigned });
  await other.fails('Unsigned');
  t.is(other.tracker.current, undefined);
});

test('keys that are none are refused by the name of their signer', async (t) => {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  repository.commit({ a: '1' });
  const { track } = await startSourceBench(t);
  for (const signer of [{ name: 'ada', pgp: 'not a key' }, { name: 'ada', ssh: 'AAAA' }]) {
    t.regex((await track({ url: repository.path, signers: [signer] }).fails('InvalidSigner')).message, /signers: the (?:pgp|ssh) key of "ada"/);
  }
});

/** The same commit with another message under the same signature, at the branch. */
function forge({ git }: TemporaryRepository, revision: string): string {
  const contents = git('cat-file', 'commit', revision);
  const forged = git('-c', `alias.forge=!printf '%s\\n' "$1" | git hash-object -t commit -w --stdin #`, 'forge', `${contents} really`);
  git('update-ref', 'refs/heads/main', forged);
  return forged;
}
