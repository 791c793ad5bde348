export { TaskError } from './errors';
