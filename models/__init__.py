"""What an article is and what reads it: schema, segmenter, reader, event tagger, stance, headline, baseline."""
