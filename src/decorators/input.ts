import { recordMark } from '../metadata/marks';
import type { DtoClass } from '../metadata/reflection';

/**
 * Marks the first parameter of `start`, or a property, as what receives the validated input.
 * @param dto The class of the input; read from the emitted type where it is left out, which esbuild and tsx do not emit.
 */
export function Input(
  ...dto: [dto?: DtoClass]
): (target: object, member: string | symbol, parameterIndex?: number) => void {
  const [target, member, position] = dto as readonly unknown[];
  if (dto.length > 1) recordMark('Input', undefined, target as object, member, position);
  return (...place) => recordMark('Input', dto, ...place);
}
