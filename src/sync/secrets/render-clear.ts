import type { PlanRequest } from '../application/plan.ts';
import type { RenderResult, SourceFile } from '../render/renderer.ts';
import { InputError } from '../render/unit/input-error.ts';
import { ClearReader } from './clear-reader.ts';

/** The objects of one file, in clear text. */
export async function renderClear(file: SourceFile, { renderer, render, keys, destinationNamespace }: Pick<PlanRequest, 'renderer' | 'render' | 'keys' | 'destinationNamespace'>): Promise<RenderResult> {
  const clear = new ClearReader(keys);
  try {
    const content = await clear.read(file);
    return await clear.open(renderer.render({ ...file, content }, render.variables), destinationNamespace);
  } catch (error) {
    if (error instanceof InputError) return { objects: [], errors: [error.data] };
    throw error;
  }
}
