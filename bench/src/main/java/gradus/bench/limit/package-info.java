/** What the machine can do at most. */
package gradus.bench.limit;
