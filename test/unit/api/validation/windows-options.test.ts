import test from 'ava';
import type { PodSpec, WindowsSecurityContextOptions } from '#api/generated/core/v1.ts';
import { Problems } from '#api/validation/problems.ts';
import { validateHostProcess, validateWindowsOptions } from '#api/validation/windows-options.ts';

const found = (check: (problems: Problems) => void): readonly string[] => {
  const problems = new Problems();
  check(problems);
  return problems.causes.map((c) => `${c.field}: ${c.message}`);
};

for (const [options, ...messages] of [
  [{}],
  [{ gmsaCredentialSpecName: 'a.b', gmsaCredentialSpec: '{}', runAsUserName: 'CONTOSO\\Container User' }],
  [{ runAsUserName: 'a.example.com\\x' }],
  [{ gmsaCredentialSpec: '' }, 'o.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string'],
  [{ runAsUserName: '' }, 'o.runAsUserName: Invalid value: "": runAsUserName cannot be an empty string'],
  [{ runAsUserName: 'a\tb' }, 'o.runAsUserName: Invalid value: "a\\tb": runAsUserName cannot contain control characters'],
  [{ runAsUserName: 'a\\b\\c' }, 'o.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash'],
  [{ runAsUserName: '.bad\\' }, 'o.runAsUserName: Invalid value: ".bad\\\\": runAsUserName\'s Domain doesn\'t match the NetBios nor the DNS format', 'o.runAsUserName: Invalid value: ".bad\\\\": runAsUserName\'s User cannot be empty'],
  [{ runAsUserName: '. .' }, 'o.runAsUserName: Invalid value: ". .": runAsUserName\'s User cannot contain only periods or spaces'],
  [{ runAsUserName: 'a@b' }, 'o.runAsUserName: Invalid value: "a@b": runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]'],
] as readonly (readonly [WindowsSecurityContextOptions, ...string[]])[]) {
  test(`Windows options ${JSON.stringify(options)}`, (t) => { t.deepEqual(found((problems) => validateWindowsOptions(problems, 'o', options)), messages); });
}

const container = (hostProcess?: boolean) => ({ name: 'c', ...(hostProcess === undefined ? {} : { securityContext: { windowsOptions: { hostProcess } } }) });
for (const [why, spec, ...messages] of [
  ['all inherit it', { hostNetwork: true, securityContext: { windowsOptions: { hostProcess: true } }, containers: [container(), container(true)] }],
  ['nobody asks for it', { containers: [container(), container(false)] }],
  ['one contradicts the pod', { hostNetwork: true, securityContext: { windowsOptions: { hostProcess: true } }, containers: [container(), container(false)] },
    's.containers[1].securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical if both are specified, was true', 's: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers'],
  ['the network is the pod\'s', { containers: [container(true)] }, 's.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers'],
] as readonly (readonly [string, PodSpec, ...string[]])[]) {
  test(`host processes: ${why}`, (t) => { t.deepEqual(found((problems) => validateHostProcess(problems, 's', spec)), messages); });
}
