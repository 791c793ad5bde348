/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';
import swcOptions from './test/support/swc-options.json';

const config: Config = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  moduleNameMapper: {
    '^taskwarden$': '<rootDir>/src/index.ts',
    '^taskwarden/testing$': '<rootDir>/src/testing/index.ts',
  },
  transform: { '\\.ts$': ['@swc/jest', swcOptions] },
  // Each worker may run a Redis Cluster beside it: more would be slower on two cores, and miss deadlines.
  maxWorkers: 2,
  testTimeout: 30_000,
};

export default config;
