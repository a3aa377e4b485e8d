import { readDomain } from '../../src/events/domain.ts';
import { createTopicNames, type TopicNames } from '../../src/events/topic-names.ts';

/** The domain of the DMS, as its schema defines it. */
export const DOMAIN = readDomain();

/** The names of the DMS's topics. */
export const dmsNames = (prefix = 'dms'): TopicNames => createTopicNames(prefix, DOMAIN.kinds);
