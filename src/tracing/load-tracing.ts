import type * as OpenTelemetry from '@opentelemetry/api';
import { ConfigurationError } from '../errors';
import { OpenTelemetryTracing } from './open-telemetry-tracing';
import { NO_TRACING, type Tracing } from './tracing';

/**
 * Finds the API of OpenTelemetry that the program itself uses. One that is not installed is no mistake: then nobody can trace.
 * @param wanted undefined: if it can be had.
 * @throws {ConfigurationError} It is wanted, and not installed.
 */
export function loadTracing(wanted: boolean | undefined): Tracing {
  if (wanted === false) return NO_TRACING;
  try {
    // Not at import, and not as a dependency: a second copy, newer than that of the SDK, would get no tracer from it.
    const api: typeof OpenTelemetry = require('@opentelemetry/api');
    return new OpenTelemetryTracing(api);
  } catch (cause) {
    if (wanted === undefined) return NO_TRACING;
    const remedy = 'run npm install @opentelemetry/api, or leave the option out';
    throw new ConfigurationError(`tracing is true, but @opentelemetry/api is not installed: ${remedy}.`, { cause });
  }
}
