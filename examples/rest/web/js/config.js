const base = document.querySelector('meta[name="vivavoce-base"]')?.getAttribute('content') ?? '/api';

/** Where the service's calls are: the server writes it into the page. */
export const BASE = base.replace(/\/+$/, '');
