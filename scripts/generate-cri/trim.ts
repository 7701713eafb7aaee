/** Cuts a .proto file down to some calls and what they reach, so that the generated code holds nothing unused. */
export interface TrimOptions {
  /** Services, and the calls kept of each. */
  readonly services: Readonly<Record<string, readonly string[]>>;
  /** Messages kept although no kept call reaches them. */
  readonly messages?: readonly string[];
  /** Imports kept; others must be reached by nothing that is kept. */
  readonly imports?: readonly string[];
}

export function trimProto(source: string, options: TrimOptions): string {
  const text = source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    // gogo options say how Go lays fields out; on the wire they mean nothing.
    .replace(/\s*\[\s*(?:\((?:gogoproto|containerd)|debug_redact)[^\]]*\]/g, '')
    .replace(/^\s*option \(.*;$/gm, '');
  const blocks = topLevelBlocks(text);
  const kept = new Set<string>(options.messages ?? []);
  const services = Object.entries(options.services).map(([name, calls]) => {
    const lines = calls.map((call) => rpcOf(blocks.get(name) ?? '', call));
    for (const line of lines) for (const type of line.matchAll(/[(\s]([A-Z]\w+)\)/g)) kept.add(type[1] ?? '');
    return `service ${name} {\n${lines.join('\n')}\n}`;
  });
  for (const name of kept) for (const word of (blocks.get(name) ?? '').matchAll(/\b[A-Z]\w+\b/g)) if (blocks.has(word[0])) kept.add(word[0]);
  const messages = [...blocks].filter(([name]) => kept.has(name)).map(([, block]) => block.replace(/\n\s*\n+/g, '\n'));
  const header = [`syntax = "proto3";`, /^package .*;$/m.exec(text)?.[0] ?? '', ...(options.imports ?? []).map((i) => `import "${i}";`)];
  return [...header, ...services, ...messages, ''].join('\n');
}

function rpcOf(service: string, call: string): string {
  const line = new RegExp(`rpc ${call}\\([^;{]*`).exec(service)?.[0];
  if (!line) throw new Error(`no call ${call}`);
  return `  ${line.trim()};`;
}

function topLevelBlocks(text: string): Map<string, string> {
  const blocks = new Map<string, string>();
  for (const match of text.matchAll(/^(?:message|enum|service) (\w+)\s*\{/gm)) {
    let depth = 1;
    let end = match.index + match[0].length;
    while (depth > 0) {
      if (text[end] === '{') depth++;
      if (text[end] === '}') depth--;
      end++;
    }
    blocks.set(match[1] ?? '', text.slice(match.index, end));
  }
  return blocks;
}
