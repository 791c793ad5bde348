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
  // Most files wait for Redis and for processes; on two cores more workers than that would miss deadlines.
  maxWorkers: 3,
  testTimeout: 30_000,
};

export default config;
