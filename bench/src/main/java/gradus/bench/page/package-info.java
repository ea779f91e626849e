/** The page about performance, from files of measurements alone. */
package gradus.bench.page;
