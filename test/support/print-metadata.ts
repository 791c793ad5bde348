import 'reflect-metadata';

const noted: PropertyDecorator = () => {};

class Noted {
  @noted name!: string;
}

console.log(`type ${Reflect.getMetadata('design:type', Noted.prototype, 'name').name}`);
