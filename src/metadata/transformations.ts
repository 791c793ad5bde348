import type { MetadataStorage } from 'class-transformer/types/MetadataStorage';
import type { DtoClass } from './reflection';

/** Of `TransformationType`. */
const PLAIN_TO_CLASS = 0;

/**
 * Whether class-transformer does more to a plain object than to copy these properties into an instance of the class.
 * True also where that is not known.
 */
export function isTransformed(dto: DtoClass, properties: readonly string[]): boolean {
  if (!storage) return true;
  if (storage.getStrategy(dto) !== 'none') return true;
  if (storage.getExposedMetadatas(dto).length > 0 || storage.getExcludedMetadatas(dto).length > 0) return true;
  return properties.some(
    (property) =>
      storage.findTypeMetadata(dto, property) !== undefined ||
      storage.findTransformMetadatas(dto, property, PLAIN_TO_CLASS).length > 0,
  );
}

const storage = findStorage();

/** Not part of what class-transformer exports: where a version keeps its records elsewhere, nothing is known of any class. */
function findStorage(): MetadataStorage | undefined {
  try {
    return (require('class-transformer/cjs/storage') as { defaultMetadataStorage?: MetadataStorage })
      .defaultMetadataStorage;
  } catch {
    return undefined;
  }
}
