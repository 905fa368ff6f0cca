import type { ReactNode } from 'react';

/** Renders to nothing. The package's own declarations lead into its source, which does not check with this compiler. */
export declare function render(element: ReactNode): unknown;
