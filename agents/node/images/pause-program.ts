/**
 * The program of the sandbox image: the first process of each pod's namespaces. It ignores SIGCHLD, so that the kernel reaps
 * whatever is left to it, blocks SIGTERM, SIGINT and SIGQUIT, and ends with 0 when one arrives. (Blocked signals reach even
 * the init process of a PID namespace; with the default action they would be dropped.)
 * A handful of instructions needs no compiler at run time, starts at once, and holds one page of memory a pod.
 */
const BASE = 0x40_0000;
const HEADER_SIZE = 64 + 56;
const ACTION = BASE + HEADER_SIZE; // struct sigaction of the kernel: handler, flags, restorer, mask
const SIGNALS = ACTION + 32; // sigset_t
const ENTRY = SIGNALS + 8;
const SIG_IGN = 1n;
const SIGCHLD = 17;
/** Bits signal - 1 of SIGINT (2), SIGQUIT (3), SIGTERM (15). */
const STOP_SIGNALS = 0x4006n;

const PROGRAMS: Readonly<Record<string, { readonly machine: number; readonly code: () => Buffer }>> = {
  amd64: { machine: 62, code: amd64Code },
  arm64: { machine: 183, code: arm64Code },
};

/** A static ELF executable, or undefined when there is none for this architecture (OCI name). */
export function pauseProgram(architecture: string): Buffer | undefined {
  const program = PROGRAMS[architecture];
  if (!program) return undefined;
  const data = Buffer.alloc(ENTRY - ACTION);
  data.writeBigUInt64LE(SIG_IGN, 0);
  data.writeBigUInt64LE(STOP_SIGNALS, SIGNALS - ACTION);
  const code = program.code();
  return Buffer.concat([elfHeader(program.machine, HEADER_SIZE + data.length + code.length), data, code]);
}

function elfHeader(machine: number, size: number): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  header.write('\x7fELF\x02\x01\x01', 'latin1'); // 64 bits, little endian
  header.writeUInt16LE(2, 16); // executable
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(ENTRY), 24);
  header.writeBigUInt64LE(64n, 32); // program headers follow
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(1, 64); // PT_LOAD
  header.writeUInt32LE(5, 68); // readable, executable
  header.writeBigUInt64LE(BigInt(BASE), 80);
  header.writeBigUInt64LE(BigInt(BASE), 88);
  header.writeBigUInt64LE(BigInt(size), 96);
  header.writeBigUInt64LE(BigInt(size), 104);
  header.writeBigUInt64LE(0x1_0000n, 112); // arm64 may have pages of 64 KiB
  return header;
}

function amd64Code(): Buffer {
  const syscall = (number: number): readonly number[] => [0xb8, ...int32(number), 0x0f, 0x05]; // mov eax, number; syscall
  const edi = (value: number): readonly number[] => [0xbf, ...int32(value)];
  const esi = (value: number): readonly number[] => [0xbe, ...int32(value)];
  const edxZero = [0x31, 0xd2];
  const r10Eight = [0x41, 0xba, ...int32(8)]; // size of a signal set
  const wait = [...edi(SIGNALS), ...esi(0), ...edxZero, ...r10Eight, ...syscall(128), 0x85, 0xc0]; // rt_sigtimedwait; test eax, eax
  return Buffer.from([
    ...edi(SIGCHLD), ...esi(ACTION), ...edxZero, ...r10Eight, ...syscall(13), // rt_sigaction
    ...edi(0), ...esi(SIGNALS), ...edxZero, ...r10Eight, ...syscall(14), // rt_sigprocmask, SIG_BLOCK
    ...wait, 0x78, 0x100 - (wait.length + 2), // js wait: an error, such as an interruption
    ...edi(0), ...syscall(231), // exit_group
  ]);
}

function arm64Code(): Buffer {
  const move = (register: number, value: number): readonly number[] => int32(0xd280_0000 | (value << 5) | register); // movz, 16 bits
  const address = (register: number, value: number): readonly number[] => [...move(register, value & 0xffff), ...int32(0xf2a0_0000 | ((value >>> 16) << 5) | register)]; // and movk, lsl 16
  const syscall = (number: number): readonly number[] => [...move(8, number), ...int32(0xd400_0001)];
  const wait = [...address(0, SIGNALS), ...move(1, 0), ...move(2, 0), ...move(3, 8), ...syscall(137)];
  const back = -wait.length / 4;
  return Buffer.from([
    ...move(0, SIGCHLD), ...address(1, ACTION), ...move(2, 0), ...move(3, 8), ...syscall(134),
    ...move(0, 0), ...address(1, SIGNALS), ...move(2, 0), ...move(3, 8), ...syscall(135),
    ...wait, ...int32(0xb7f8_0000 | ((back & 0x3fff) << 5)), // tbnz x0, #63, wait
    ...move(0, 0), ...syscall(94),
  ]);
}

function int32(value: number): readonly number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}
