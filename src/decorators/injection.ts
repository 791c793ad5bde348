export { inject as Inject, injectable as Injectable } from '../metadata/reflection';
