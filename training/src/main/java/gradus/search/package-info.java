/** Search for good settings: what to try, in which order, and what to stop early. */
package gradus.search;
