import type { RenderResult, RenderUnit, UnitInputs } from '../renderer.ts';
import { InputError } from '../unit/input-error.ts';
import { createPrivateDirectory, type PrivateDirectory } from '../unit/private-directory.ts';
import type { WorkerPool } from '../worker/worker-pool.ts';
import type { RenderTools, ToolName } from './render-tools.ts';

/** What the renderers that start a tool work with. */
export interface ToolContext {
  readonly tools: Pick<RenderTools, 'find'>;
  readonly pool: WorkerPool;
  /** Holds the private directories. */
  readonly workDir: string;
}

/** Runs `use` with the inputs in a directory that is removed afterwards, however it ends. */
export async function withDirectory(context: ToolContext, unit: RenderUnit, inputs: UnitInputs, use: (directory: PrivateDirectory) => Promise<RenderResult>): Promise<RenderResult> {
  let directory: PrivateDirectory | undefined;
  try {
    directory = await createPrivateDirectory(context.workDir, unit, inputs);
    return await use(directory);
  } catch (error) {
    if (error instanceof InputError) return { objects: [], errors: [error.data] };
    throw error;
  } finally {
    await directory?.remove();
  }
}

export const toolMissing = ({ path }: RenderUnit, tool: ToolName, type: string): RenderResult => ({
  objects: [],
  errors: [{ path, reason: 'RendererMissing', message: `${type} needs ${tool}, which was not found on PATH of the control plane; install it (see "headway doctor")` }],
});
