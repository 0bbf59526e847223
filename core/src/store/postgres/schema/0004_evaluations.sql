-- Lists of evaluations, whatever their interview: in the order of their ids, which is that of their creation.
CREATE INDEX evaluations_by_date ON {schema}.evaluations (tenant, id);
CREATE INDEX evaluations_by_status ON {schema}.evaluations (tenant, status, id);
