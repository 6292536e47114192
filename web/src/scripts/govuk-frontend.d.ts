// What we use of GOV.UK Frontend, whose package has no types of its own.
declare module "govuk-frontend" {
  interface Component {
    new (root: Element, config?: Record<string, unknown>): object;
    readonly moduleName: string;
  }

  export const Button: Component;
  export const ErrorSummary: Component;
  export const NotificationBanner: Component;
  export const ServiceNavigation: Component;
  export const SkipLink: Component;

  export function createAll(component: Component, config?: Record<string, unknown>): object[];
}
