import { type ComponentType, lazy } from "react";

import { PageNotLoaded } from "@/parts/error_boundary";

/**
 * A part of the page that is loaded when it is first looked at. `lazy` remembers a load that failed for good; here the
 * failure, when it is done with, leaves the next look to try anew.
 */
export function later<Properties extends object>(
  load: () => Promise<ComponentType<Properties>>,
): ComponentType<Properties> {
  const forget = () => {
    Part = lazyPart();
  };
  const lazyPart = () =>
    lazy(() =>
      load().then(
        (component) => ({ default: component }),
        () => Promise.reject(new PageNotLoaded(load, forget)),
      ),
    );
  let Part: ComponentType<Properties> = lazyPart() as ComponentType<Properties>;
  return function Later(properties: Properties) {
    return <Part {...properties} />;
  };
}
