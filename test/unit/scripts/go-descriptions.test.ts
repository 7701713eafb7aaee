import test, { type ExecutionContext } from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFacts } from '../../../scripts/generate-api/facts.ts';
import { descriptionOf } from '../../../scripts/generate-api/go-comments.ts';
import { goDescriptions } from '../../../scripts/generate-api/go-descriptions.ts';
import { type GoPackage, readGoPackage } from '../../../scripts/generate-api/go-source.ts';

const cases: readonly { readonly name: string; readonly lines: readonly string[]; readonly text: string }[] = [
  { name: 'lines are joined', lines: ['One', 'sentence.  Two spaces stay.'], text: 'One sentence.  Two spaces stay.' },
  { name: 'paragraphs are kept', lines: ['One.', '', 'Two.'], text: 'One.\n\nTwo.' },
  { name: 'two empty lines are one', lines: ['One.', '', '', 'Two.'], text: 'One.\n\nTwo.' },
  { name: 'indented lines stand by themselves', lines: ['Like:', '  - a', '\tb', 'End.'], text: 'Like:\n  - a\n\tb\nEnd.' },
  { name: 'markers and notes to authors are left out', lines: ['One.', '+optional', ' +k8s:x', 'TODO: more', 'Two.'], text: 'One. Two.' },
  { name: 'nothing after a rule', lines: ['One.', '---', 'Two.'], text: 'One.' },
  { name: 'markers alone say nothing', lines: ['+optional'], text: '' },
];
for (const { name, lines, text } of cases) test(`a comment of Go as a description: ${name}`, (t) => t.is(descriptionOf(lines), text));

const SOURCE = `package v1

import (
	other "k8s.io/api/core/v1"
)

// Detached: no part of the next comment.

// Thing is a thing.
// +genclient
type Thing struct {
	metav1.TypeMeta \`json:",inline"\`
	// What is shared.
	Shared \`json:",inline" protobuf:"bytes,2,opt,name=shared"\`

	// Far away.

	Bare string \`json:"bare"\`
	// How it is done.
	// +optional
	Mode *Mode \`json:"mode,omitempty" protobuf:"bytes,1,opt,name=mode"\`
	// Not in JSON.
	Hidden string \`json:"-"\`
}

type Shared struct {
	// The size.
	Size int32 \`json:"size"\`
}

// +enum
type Mode string

const (
	// ModeFast is done
	// at once.
	ModeFast Mode = "Fast"
	ModeSlow Mode = "Slow"
	// ModeBare is converted.
	ModeBare = Mode("Bare")
	ModeElsewhere = Mode(other.Elsewhere)
)
`;
const OTHER = 'package v1\n\nconst (\n\tElsewhere = "Elsewhere"\n)\n';

const EXAMPLE = { path: 'example/v1', id: 'example/v1', version: 'v1' };

function packageOf(t: ExecutionContext, source: string): GoPackage {
  const directory = mkdtempSync(join(tmpdir(), 'headway-go-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'types.go'), source);
  return readGoPackage(directory);
}

test('types, fields, embedded fields and enumerations of a Go package are described', (t) => {
  const packages = new Map([[EXAMPLE.id, packageOf(t, SOURCE)], ['core/v1', packageOf(t, OTHER)]]);
  t.deepEqual(goDescriptions(EXAMPLE, packages), {
    Thing: { description: 'Thing is a thing.', fields: { size: 'The size.', mode: 'How it is done.\n\nPossible enum values:\n - `"Bare"` is converted.\n - `"Elsewhere"`\n - `"Fast"` is done at once.\n - `"Slow"`' } },
    Shared: { fields: { size: 'The size.' } },
  });
});

test('a map has the values of its items, and a union names its members and what tells them apart', (t) => {
  const source = `package v1

// +enum
type Mode string

const (
	ModeFast Mode = "Fast"
)

// +union
type Either struct {
	// +unionDiscriminator
	Kind string \`json:"kind"\`
	// +optional
	OneThing *string \`json:"oneThing,omitempty"\`
	Hidden string \`json:"-"\`
	// +optional
	Modes map[string]Mode \`json:"modes,omitempty"\`
}
`;
  const core = { path: 'k8s.io/api/core/v1', id: 'core/v1', version: 'v1' };
  const { types } = packageFacts(core, new Map([[core.id, packageOf(t, source)]]));
  t.deepEqual(types['Either']?.union, { discriminator: 'kind', members: { oneThing: 'OneThing', modes: 'Modes' } });
  t.deepEqual(types['Either']?.fields['modes'], { type: 'map[]string', enum: ['Fast'] });
});
