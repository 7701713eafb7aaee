/**
 * The life of a pod on this node. Every worker holds one phase and changes it only through {@link nextPhase}.
 *
 *   running ──finish──▶ finished ──────┐
 *      │ stop              │ stop      │
 *      ▼                   ▼           │
 *   stopping ──stopped──▶ stopped ──cleaned──▶ cleaned ──forgotten──▶ gone
 *
 * running   containers are started and kept as the spec says
 * finished  all containers ended for good (Succeeded, Failed, deadline, refused); the pod object stays
 * stopping  asked to end: hooks run, containers get their grace
 * stopped   no container runs; sandbox, volumes and cgroup are still there
 * cleaned   nothing is left on the node but the checkpoint; the API may still hold the object
 */
export type WorkerPhase = 'running' | 'finished' | 'stopping' | 'stopped' | 'cleaned' | 'gone';
export type WorkerEvent = 'finish' | 'stop' | 'stopped' | 'cleaned' | 'forgotten';

const TRANSITIONS: Readonly<Record<WorkerPhase, Partial<Readonly<Record<WorkerEvent, WorkerPhase>>>>> = {
  running: { finish: 'finished', stop: 'stopping' },
  finished: { stop: 'stopping' },
  stopping: { stopped: 'stopped' },
  stopped: { cleaned: 'cleaned' },
  cleaned: { forgotten: 'gone' },
  gone: {},
};

/** An event that means nothing in a phase leaves it: triggers are level, and come more than once. */
export const nextPhase = (phase: WorkerPhase, event: WorkerEvent): WorkerPhase => TRANSITIONS[phase][event] ?? phase;
