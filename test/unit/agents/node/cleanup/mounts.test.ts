import test from 'ava';
import { mountsBelow, readMounts } from '#agents/node/cleanup/mounts.ts';

const MOUNTINFO = `22 27 0:21 / /proc rw,relatime - proc proc rw
30 27 0:30 / /run/headway/a\\040b rw shared:7 - tmpfs tmpfs rw
31 30 0:31 / /run/headway/a\\040b/c rw - overlay overlay rw,lowerdir=/x - y
32 27 0:32 / /run/headway-1a2b3c/x rw - tmpfs tmpfs rw
`;

test('escaped paths and optional fields are read', (t) => {
  t.deepEqual(readMounts(MOUNTINFO)[1], { path: '/run/headway/a b', fileSystem: 'tmpfs' });
  t.is(readMounts(MOUNTINFO)[2]?.fileSystem, 'overlay');
});

test('another instance whose name begins alike is not below', (t) => {
  t.deepEqual(mountsBelow('/run/headway', readMounts(MOUNTINFO)), ['/run/headway/a b', '/run/headway/a b/c']);
});
